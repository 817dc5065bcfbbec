---@brief
--- Language server for KIWI image descriptions (`config.xml`, `*.kiwi`). For `vim.lsp.enable('apteryx')`, Neovim 0.11.
---@type vim.lsp.Config
return {
  cmd = { vim.g.apteryx_path or 'apteryx', 'lsp' },
  filetypes = { 'xml' },
  init_options = vim.g.apteryx_settings or vim.empty_dict(),
  handlers = require('apteryx').handlers,
  -- XML that is no description gets no server.
  root_dir = function(buffer, on_dir)
    local name = vim.api.nvim_buf_get_name(buffer)
    if require('apteryx').is_description(name) then
      on_dir(vim.fn.fnamemodify(name, ':p:h'))
    end
  end,
}
