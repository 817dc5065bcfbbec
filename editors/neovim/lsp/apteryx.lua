---@brief
--- Language server for KIWI image descriptions (`config.xml`, `*.kiwi`), started by `vim.lsp.enable('apteryx')`, which the
--- plugin calls from Neovim 0.11 on. `vim.lsp.config('apteryx', {…})` changes what is here.
---@type vim.lsp.Config
return {
  cmd = { vim.g.apteryx_path or 'apteryx', 'lsp' },
  filetypes = { 'xml' },
  init_options = require('apteryx').options_of(),
  handlers = require('apteryx').handlers,
  on_attach = require('apteryx').on_attach,
  -- XML that is no description gets no server.
  root_dir = function(buffer, on_dir)
    local name = vim.api.nvim_buf_get_name(buffer)
    local apteryx = require('apteryx')
    if apteryx.is_description(name) and apteryx.found() then
      on_dir(vim.fn.fnamemodify(name, ':p:h'))
    end
  end,
}
