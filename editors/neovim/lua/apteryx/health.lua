-- `:checkhealth apteryx`: what the plugin needs, what of it is there, and what the server's host lacks for builds.
local M = {}

local health = vim.health or require('health')
-- Named report_* before 0.10.
local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local info = health.info or health.report_info
local warn = health.warn or health.report_warn
local fault = health.error or health.report_error

local function neovim()
  start('apteryx: Neovim')
  local version = vim.version()
  local words = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if vim.fn.has('nvim-0.7') == 0 then
    fault(words .. ' is too old', { 'the plugin needs 0.7' })
  elseif require('apteryx').native() then
    ok(words .. ': the server is started by `vim.lsp.enable`')
  else
    ok(words .. ': the server is started by the plugin')
  end
  if vim.g.apteryx_autostart == 0 then
    info('`g:apteryx_autostart` is 0: nothing starts by itself')
  end
end

--- Gives the binary, where it is one.
local function binary()
  start('apteryx: server')
  local path = vim.g.apteryx_path or 'apteryx'
  if vim.fn.executable(path) ~= 1 then
    fault(('`%s` cannot be run'):format(path), { 'set `g:apteryx_path`, or put `apteryx` on PATH' })
    return
  end
  local said = vim.fn.system({ path, '--version' })
  if vim.v.shell_error ~= 0 or not said:match('^apteryx %d') then
    fault(('`%s` is another program'):format(path), { vim.trim(said) })
    return
  end
  ok(('%s at `%s`'):format(vim.trim(said), vim.fn.exepath(path)))
  return path
end

local function clients()
  local running = require('apteryx').clients()
  if #running == 0 then
    info('no server runs: none of the open buffers is a description (`config.xml`, `*.kiwi`)')
  end
  for _, client in ipairs(running) do
    local buffers = {}
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.lsp.buf_is_attached(buffer, client.id) then
        table.insert(buffers, vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':~:.'))
      end
    end
    ok(('a server runs for %s'):format(table.concat(buffers, ', ')))
  end
end

--- One line for each tool that builds and boots use.
local function tools(path)
  start('apteryx: tools for builds (`apteryx doctor`)')
  local lines = vim.split(vim.fn.system({ path, 'doctor' }), '\n')
  for _, line in ipairs(lines) do
    local state, rest = line:match('^%s+(%S+)%s+(.+)$')
    if state == 'ok' then
      ok(rest)
    elseif state then
      warn(rest)
    elseif line ~= '' then
      info(line)
    end
  end
end

function M.check()
  neovim()
  local path = binary()
  if path then
    clients()
    tools(path)
  end
end

return M
