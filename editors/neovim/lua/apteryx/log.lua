-- The scratch buffer `apteryx://log`: a line for each thing that a build says. Nothing here talks to the server.
local M = {}

local NAME = 'apteryx://log'
-- A build prints tens of thousands of lines; the buffer keeps the newest.
local LIMIT = 20000

--- The buffer, made where there is none.
function M.buffer()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer) == NAME and vim.api.nvim_buf_is_loaded(buffer) then
      return buffer
    end
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, NAME)
  vim.bo[buffer].bufhidden = 'hide'
  vim.bo[buffer].modifiable = false
  return buffer
end

--- Appends lines; a window that stands at the end follows.
function M.append(text)
  local buffer = M.buffer()
  local before = vim.api.nvim_buf_line_count(buffer)
  local empty = before == 1 and vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] == ''
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, empty and 0 or before, -1, false, vim.split(text, '\r?\n'))
  if vim.api.nvim_buf_line_count(buffer) > LIMIT then
    vim.api.nvim_buf_set_lines(buffer, 0, vim.api.nvim_buf_line_count(buffer) - LIMIT, false, {})
  end
  vim.bo[buffer].modifiable = false
  local last = vim.api.nvim_buf_line_count(buffer)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    if vim.api.nvim_win_get_cursor(window)[1] >= math.min(before, last) then
      vim.api.nvim_win_set_cursor(window, { last, 0 })
    end
  end
end

--- Shows the buffer below, without taking the cursor there, and appends a line.
function M.open(line)
  local buffer = M.buffer()
  if #vim.fn.win_findbuf(buffer) == 0 then
    local here = vim.api.nvim_get_current_win()
    vim.cmd('botright 12split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.api.nvim_set_current_win(here)
  end
  M.append(line)
end

--- An event of a build as a line; nil for those that are not worth one. JSON null is vim.NIL.
function M.line(event)
  local function word(value)
    return (value == nil or value == vim.NIL) and '' or tostring(value)
  end
  local kind = event.event
  if kind == 'build-started' then
    local target = require('apteryx.status').target(event.profiles, event.image, event.arch)
    return ('Building %s %s · %s'):format(event.name, event.version, target)
  elseif kind == 'step-started' then
    return ('> %s: %s'):format(event.step, word(event.title))
  elseif kind == 'log' then
    return '  ' .. word(event.line)
  elseif kind == 'warning' then
    return ('warning: %s: %s'):format(event.step, event.message)
  elseif kind == 'step-finished' then
    return ('%s %s: %s  %.1f s'):format(word(event.outcome), event.step, word(event.summary), event.seconds or 0)
  elseif kind == 'artifact' then
    return ('%s: %s'):format(event.key, event.path)
  elseif kind == 'finished' then
    return (event.ok and 'done: ' or 'failed: ') .. word(event.message)
  end
end

--- The notification `apteryx/event`.
function M.event(params)
  local line = M.line(params)
  if line then
    M.append(line)
  end
end

--- The answer to a command: an error, or `{ok, artifacts, message}`.
function M.answer(command, err, result)
  if err then
    M.append('error: ' .. (err.message or vim.inspect(err)))
    vim.notify('apteryx: ' .. (err.message or command .. ' failed'), vim.log.levels.ERROR)
  elseif type(result) == 'table' and result.message ~= nil and result.message ~= vim.NIL then
    M.append((result.ok and 'ok: ' or 'not ok: ') .. result.message)
  end
end

return M
