-- Starts the Apteryx language server for KIWI descriptions. Needs Neovim 0.8.
if vim.g.loaded_apteryx then
  return
end
vim.g.loaded_apteryx = true

vim.api.nvim_create_user_command('ApteryxRestart', function()
  require('apteryx').restart()
end, { desc = 'Restart the Apteryx language server' })

if vim.g.apteryx_autostart ~= 0 then
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = vim.api.nvim_create_augroup('apteryx', {}),
    pattern = { 'config.xml', '*.kiwi' },
    callback = function(args)
      require('apteryx').start(args.buf)
    end,
  })
end
