-- The Neovim plugin against the real server: `nvim --headless -n -i NONE -u neovim_test.lua config.xml`.
-- Waits on what a user would see, in a coroutine, so that the editor's own loop runs on. Ends with status 1 at the first fault.
vim.opt.runtimepath:prepend(vim.env.APTERYX_PLUGIN)
vim.g.apteryx_path = vim.env.APTERYX
-- Nobody is here to answer the question about package look-ups, and 0.7 waits for the answer.
vim.g.apteryx_settings = { packages = { lookup = 'never' } }
vim.cmd('filetype plugin on')
vim.o.swapfile = false
vim.o.lines, vim.o.columns = 40, 120

local thread
local passed = 0

local function ok(what)
  passed = passed + 1
  io.stderr:write('ok: ' .. what .. '\n')
end

--- Yields until `holds` gives something; that is given back.
local function wait_for(what, holds, seconds)
  local waited = 0
  while true do
    local value = holds()
    if value then
      ok(what)
      return value
    end
    waited = waited + 0.02
    if waited > (seconds or 20) then
      local log = table.concat(vim.api.nvim_buf_get_lines(require('apteryx.log').buffer(), 0, -1, false), '\n')
      error('timed out: ' .. what .. '\nlog buffer:\n' .. log .. '\nmessages:\n' .. vim.fn.execute('messages'))
    end
    vim.defer_fn(function()
      coroutine.resume(thread)
    end, 20)
    coroutine.yield()
  end
end

local function pause(milliseconds)
  vim.defer_fn(function()
    coroutine.resume(thread)
  end, milliseconds)
  coroutine.yield()
end

--- The line of the log buffer that fits, where at least `times` do.
local function log_has(pattern, times)
  local found = 0
  for _, line in ipairs(vim.api.nvim_buf_get_lines(require('apteryx.log').buffer(), 0, -1, false)) do
    if line:find(pattern) then
      found = found + 1
      if found >= (times or 1) then
        return line
      end
    end
  end
end

local function replace(line, old, new)
  local text = vim.api.nvim_buf_get_lines(0, line - 1, line, true)[1]
  vim.api.nvim_buf_set_lines(0, line - 1, line, true, { (text:gsub(old, new)) })
end

--- The lines of a buffer, once one of them fits.
local function buffer_has(buffer, pattern)
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  return text:find(pattern) and text
end

local function initialized()
  for _, client in ipairs(require('apteryx').clients()) do
    if client.initialized and vim.lsp.buf_is_attached(0, client.id) then
      return client
    end
  end
end

--- A description with a repository beside it, which tests/editors/neovim.sh has laid there: built to the end, and cancelled.
local function real_builds()
  vim.cmd('edit tiny/config.xml')
  wait_for('the status is that of the description at hand', function()
    return require('apteryx').status():find('^Apteryx: Small · tbz · x86_64')
  end)
  local done = 0
  while log_has('^done: ', done + 1) do
    done = done + 1
  end
  vim.cmd('ApteryxBuild')
  wait_for('a real build runs to its end', function()
    return log_has('^done: ', done + 1)
  end, 90)
  assert(log_has('^Building Tiny 1%.0%.0 · Small · tbz · x86_64'))
  assert(log_has('^done prepare/unpack: ') and log_has('^done create: '))
  local archive = vim.fn.getcwd() .. '/tiny/out/Tiny.x86_64-1.0.0.tar.xz'
  assert(log_has('^root_archive: ' .. vim.pesc(archive)) and vim.fn.getfsize(archive) > 0, archive)
  wait_for('its result is shown', function()
    return log_has('^ok: built .*Tiny%.x86_64%-1%.0%.0%.tar%.xz')
  end)

  vim.fn.writefile({ '#!/bin/bash', 'sleep 30303 &', 'sleep 30303' }, 'tiny/config.sh')
  vim.fn.setfperm('tiny/config.sh', 'rwxr-xr-x')
  vim.cmd('ApteryxBuild')
  wait_for('a second build runs a script', function()
    return log_has('^> prepare/config.sh')
  end, 90)
  assert(require('apteryx').status():find('· prepare/config.sh$'), require('apteryx').status())
  local cancelled = log_has('^failed: cancelled', 2) and 2 or 1
  vim.cmd('ApteryxCancel')
  wait_for('its cancel is told', function()
    return log_has('^failed: cancelled', cancelled + 1)
  end)
  vim.fn.delete('tiny/config.sh')
end

local function test()
  local buffer = vim.api.nvim_get_current_buf()
  local client = wait_for('the server is attached', initialized)
  assert(vim.bo.filetype == 'xml', vim.bo.filetype)

  local found = wait_for('the finding is there', function()
    local all = vim.diagnostic.get(buffer)
    return #all == 1 and all[1]
  end)
  assert(found.lnum == 10 and found.code == 'unknown-attribute', vim.inspect(found))
  assert(found.source == 'apteryx' and found.message:find('ensure_empty_tmpdir', 1, true), found.message)

  wait_for('the status says what is built', function()
    return require('apteryx').status() == 'Apteryx: docker · x86_64 · packages not looked up'
  end)
  vim.cmd('ApteryxChoose type=docker')
  vim.cmd('checkhealth apteryx')
  local health = wait_for(':checkhealth says what runs', function()
    return buffer_has(0, 'a server runs for ')
  end)
  assert(health:find('apteryx %d+%.%d+%.%d+ at `') and health:find('mke2fs', 1, true), health)
  assert(health:find('started by ' .. (vim.lsp.enable and '`vim.lsp.enable`' or 'the plugin'), 1, true), health)
  vim.cmd('bwipeout!')
  vim.api.nvim_set_current_buf(buffer)

  vim.api.nvim_win_set_cursor(0, { 11, 9 })
  -- An event of the moved cursor that comes late closes the window: a person asks again.
  local asked = 0
  local text = wait_for('hover opens a window', function()
    if asked % 100 == 0 then
      vim.lsp.buf.hover()
    end
    asked = asked + 1
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
      end
    end
  end)
  assert(text:find('type', 1, true) and #text > 40, text)

  replace(11, 'ensure_empty_tmpdir=', 'ensure_empty_tmpdirs=')
  wait_for('the edit clears the finding', function()
    return #vim.diagnostic.get(buffer) == 0
  end)

  -- Typed as a user types it: a new line in <preferences>, then CTRL-X CTRL-O.
  vim.api.nvim_input('<Esc>10Go<lt>bootsp<C-x><C-o>')
  local words = wait_for('omni completion offers an element', function()
    local words = {}
    for _, item in ipairs(vim.fn.complete_info({ 'items' }).items) do
      table.insert(words, item.word)
    end
    return #words > 0 and table.concat(words, ' ')
  end)
  assert(words:find('bootsplash-theme', 1, true), words)
  vim.api.nvim_input('<C-e><Esc>u')
  pause(200)

  local _, fault = pcall(vim.cmd, 'ApteryxBuild nonsense')
  assert(tostring(fault):find('`nonsense` is none of', 1, true), fault)

  replace(11, 'ensure_empty_tmpdirs=', 'ensure_empty_tmpdir=')
  vim.cmd('ApteryxBuild')
  wait_for('the build says why it ended', function()
    return log_has('^failed: ')
  end)
  assert(#vim.fn.win_findbuf(require('apteryx.log').buffer()) == 1)
  assert(not vim.bo[buffer].modified, 'the build reads files, so the buffer is written first')
  -- No tree, no image, no such target: each verb says so, one after the other.
  for answers, name in ipairs({ 'Create', 'CheckBoot' }) do
    vim.cmd('Apteryx' .. name)
    wait_for(':Apteryx' .. name .. ' answers', function()
      return log_has('^not ok: ', answers + 1)
    end)
  end
  local window = vim.api.nvim_get_current_win()
  vim.cmd('ApteryxBoot')
  wait_for(':ApteryxBoot opens a terminal', function()
    return vim.bo.buftype == 'terminal' and buffer_has(0, 'error')
  end)
  vim.cmd('bwipeout!')
  vim.api.nvim_set_current_win(window)
  -- A build that would not end: its repository takes the connection and says nothing.
  local silent = vim.loop.new_tcp()
  silent:bind('127.0.0.1', 0)
  local asked = {}
  silent:listen(16, function()
    local connection = vim.loop.new_tcp()
    silent:accept(connection)
    table.insert(asked, connection)
  end)
  replace(11, 'ensure_empty_tmpdir=', 'ensure_empty_tmpdirs=')
  replace(14, 'https://ftp.debian.org', 'http://127.0.0.1:' .. silent:getsockname().port)
  vim.cmd('ApteryxPrepare target=' .. vim.fn.tempname())
  wait_for('a build asks its repository', function()
    return #asked > 0
  end)
  vim.cmd('ApteryxBuild')
  wait_for('a second build beside it is refused', function()
    return log_has('^not ok: a job of this description is running')
  end)
  vim.cmd('ApteryxCancel')
  wait_for('cancel ends the build', function()
    return log_has('^failed: cancelled')
  end)
  silent:close()

  real_builds()
  vim.api.nvim_set_current_buf(buffer)

  local old = client.id
  vim.cmd('ApteryxRestart')
  wait_for('restart starts another server', function()
    local now = initialized()
    return now and now.id ~= old
  end)
  wait_for('each folder has one server again', function()
    return #require('apteryx').clients() == 2
  end)
end

vim.api.nvim_create_autocmd('VimEnter', {
  callback = function()
    thread = coroutine.create(function()
      local good, fault = xpcall(test, debug.traceback)
      if good then
        io.stderr:write(('%d steps passed on Neovim %s\n'):format(passed, vim.fn.execute('version'):match('NVIM (%S+)')))
        vim.cmd('qa!')
      else
        io.stderr:write('FAILED: ' .. tostring(fault) .. '\n')
        vim.cmd('cquit 1')
      end
    end)
    coroutine.resume(thread)
  end,
})
