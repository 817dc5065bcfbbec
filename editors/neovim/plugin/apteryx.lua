-- Starts the Apteryx language server for KIWI descriptions and offers its commands. Needs Neovim 0.7.
if vim.g.loaded_apteryx then
  return
end
vim.g.loaded_apteryx = true

-- `:ApteryxBuild type=oem profile=Disk target=/var/tmp/out`, each word optional.
for name, command in pairs({
  Build = 'apteryx.build',
  Boot = 'apteryx.boot',
  Prepare = 'apteryx.buildPrepare',
  Create = 'apteryx.buildCreate',
  Cancel = 'apteryx.cancel',
}) do
  vim.api.nvim_create_user_command('Apteryx' .. name, function(args)
    require('apteryx').execute(command, args.fargs)
  end, {
    nargs = '*',
    desc = 'Apteryx: ' .. name:lower() .. ' the description',
    complete = function()
      return { 'type=', 'profile=', 'target=' }
    end,
  })
end

vim.api.nvim_create_user_command('ApteryxRestart', function()
  require('apteryx').restart()
end, { desc = 'Restart the Apteryx language server' })

vim.api.nvim_create_user_command('ApteryxLog', function()
  require('apteryx.log').open('')
end, { desc = 'Show what builds said' })

if vim.g.apteryx_autostart ~= 0 then
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = vim.api.nvim_create_augroup('apteryx', {}),
    pattern = { 'config.xml', '*.kiwi' },
    callback = function(args)
      require('apteryx').start(args.buf)
    end,
  })
end
