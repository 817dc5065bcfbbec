-- What the server tells of a description (`apteryx/status`) and of a running build, as words for a status line.
local M = {}

-- By URI.
local told = {}
local progress

local function list(value)
  return type(value) == 'table' and value or {}
end

--- `Disk · oem · x86_64`
function M.target(profiles, image, arch)
  local words = {}
  if #list(profiles) > 0 then
    table.insert(words, table.concat(profiles, ', '))
  end
  if image and image ~= vim.NIL then
    table.insert(words, image)
  end
  table.insert(words, arch)
  return table.concat(words, ' · ')
end

local function thousands(number)
  local text = tostring(number):reverse():gsub('(%d%d%d)', '%1,'):reverse()
  return (text:gsub('^,', ''))
end

--- `63,412 packages, 2 h`; `now` in seconds since 1970.
function M.packages(packages, now)
  if packages.state == 'fetching' then
    return 'looking up packages'
  elseif packages.state ~= 'ready' then
    return 'packages not looked up'
  end
  local age = math.max(0, now - packages.fetched)
  local words = age < 60 and 'just now'
    or age < 3600 and ('%d min'):format(math.floor(age / 60))
    or age < 172800 and ('%d h'):format(math.floor(age / 3600))
    or ('%d d'):format(math.floor(age / 86400))
  return ('%s %s, %s'):format(thousands(packages.count), packages.count == 1 and 'package' or 'packages', words)
end

local function changed()
  vim.cmd('redrawstatus!')
  if vim.fn.exists('#User#ApteryxStatus') == 1 then
    vim.cmd('doautocmd <nomodeline> User ApteryxStatus')
  end
end

--- The notification `apteryx/status`.
function M.tell(params)
  told[params.uri] = params
  changed()
end

--- An event of a build.
function M.event(params)
  local kind = params.event
  if kind == 'build-started' then
    progress = params.name
  elseif kind == 'step-started' then
    progress = params.step
  elseif kind == 'progress' and params.total and params.total ~= vim.NIL then
    progress = ('%s %d %%'):format(params.step, math.floor(100 * params.done / math.max(params.total, 1)))
  elseif kind == 'finished' then
    progress = nil
  else
    return
  end
  changed()
end

--- What the server told of a buffer's description, or nil.
function M.of(buffer)
  return told[vim.uri_from_bufnr(buffer)]
end

--- `Apteryx: Disk · oem · x86_64 · 63,412 packages, 2 h`, and the step of a running build; empty for what is no description.
function M.line(buffer)
  local status = M.of(buffer)
  if not status then
    return ''
  end
  local words = { 'Apteryx: ' .. M.target(status.profiles, status.type, status.arch) }
  if type(status.packages) == 'table' then
    table.insert(words, M.packages(status.packages, os.time()))
  end
  if progress then
    table.insert(words, progress)
  end
  return table.concat(words, ' · ')
end

return M
