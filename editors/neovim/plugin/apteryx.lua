-- Starts the Apteryx language server for KIWI descriptions and offers its commands. Needs Neovim 0.7.
if vim.g.loaded_apteryx then
  return
end
vim.g.loaded_apteryx = true

local function command(name, about, run, options)
  options = vim.tbl_extend('force', { desc = 'Apteryx: ' .. about }, options or {})
  vim.api.nvim_create_user_command('Apteryx' .. name, run, options)
end

-- `:ApteryxBuild type=oem profile=Disk target=/var/tmp/out`, each word optional.
for name, about in pairs({
  Build = { 'apteryx.build', 'build the image' },
  CheckBoot = { 'apteryx.boot', 'check that the image boots' },
  Prepare = { 'apteryx.buildPrepare', 'prepare the root tree' },
  Create = { 'apteryx.buildCreate', 'create the image from the tree' },
  Cancel = { 'apteryx.cancel', 'cancel the build' },
}) do
  command(name, about[2], function(args)
    require('apteryx').execute(about[1], args.fargs)
  end, {
    nargs = '*',
    complete = function()
      return { 'type=', 'profile=', 'target=' }
    end,
  })
end

command('Boot', 'boot the image, in a terminal on its console', function()
  require('apteryx').boot()
end)
command('Choose', 'choose the profile and the type', function(args)
  require('apteryx').choose(args.fargs)
end, { nargs = '*' })
command('Refresh', 'look the packages up', function()
  require('apteryx').execute('apteryx.refreshPackages')
end)
command('Restart', 'restart the server', function()
  require('apteryx').restart()
end)
command('Log', 'show what builds said', function()
  require('apteryx.log').open('')
end)

if vim.g.apteryx_autostart ~= 0 then
  local group = vim.api.nvim_create_augroup('apteryx', {})
  if require('apteryx').native() then
    vim.filetype.add({ extension = { kiwi = 'xml' } })
    vim.lsp.enable('apteryx')
  else
    vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
      group = group,
      pattern = { 'config.xml', '*.kiwi' },
      callback = function(args)
        require('apteryx').start(args.buf)
      end,
    })
  end
end
