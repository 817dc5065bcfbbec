-- The client side of the Apteryx language server: find the binary, start, restart.
local M = {}

--- The binary: g:apteryx_path, else `apteryx` on PATH. Nil where it cannot be run.
function M.binary()
  local path = vim.g.apteryx_path or 'apteryx'
  return vim.fn.executable(path) == 1 and path or nil
end

--- Attaches the server to a buffer; one server for each folder.
function M.start(buffer)
  local binary = M.binary()
  if not binary then
    vim.notify('apteryx: no binary `' .. (vim.g.apteryx_path or 'apteryx') .. '`; set g:apteryx_path', vim.log.levels.WARN)
    return
  end
  if vim.bo[buffer].filetype ~= 'xml' then
    vim.bo[buffer].filetype = 'xml'
  end
  local name = vim.api.nvim_buf_get_name(buffer)
  return vim.lsp.start({
    name = 'apteryx',
    cmd = { binary, 'lsp' },
    root_dir = vim.fn.fnamemodify(name, ':p:h'),
  }, { bufnr = buffer })
end

--- Ends the server and starts it again for its buffers.
function M.restart()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(get({ name = 'apteryx' })) do
    local buffers = vim.tbl_keys(client.attached_buffers or {})
    if vim.fn.has('nvim-0.11') == 1 then
      client:stop(true)
    else
      client.stop(true)
    end
    vim.defer_fn(function()
      for _, buffer in ipairs(buffers) do
        if vim.api.nvim_buf_is_valid(buffer) then
          M.start(buffer)
        end
      end
    end, 200)
  end
end

return M
