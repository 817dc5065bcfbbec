-- The client side of the Apteryx language server: find the binary, start, restart, call its commands, show its events.
-- All else is the server's work. Runs on Neovim 0.7 and newer; where the API changed, the newer form is asked for first.
local M = {}

local log = require('apteryx.log')
local status = require('apteryx.status')

local warned = false

--- The binary: g:apteryx_path, else `apteryx` on PATH. Nil where it cannot be run.
function M.binary()
  local path = vim.g.apteryx_path or 'apteryx'
  return vim.fn.executable(path) == 1 and path or nil
end

--- True where there is a binary; the first time that there is none, it is said.
function M.found()
  local binary = M.binary()
  if not binary and not warned then
    warned = true
    local path = vim.g.apteryx_path or 'apteryx'
    vim.notify('apteryx: `' .. path .. '` cannot be run, set g:apteryx_path', vim.log.levels.WARN)
  end
  return binary ~= nil
end

--- True where Neovim starts servers by itself, from lsp/apteryx.lua (0.11).
function M.native()
  return vim.lsp.enable ~= nil
end

--- What the server is started with: `vim.g.apteryx_settings = { mirror = 'host', packages = { lookup = 'never' } }`.
function M.options_of()
  return vim.tbl_extend('force', vim.g.apteryx_settings or {}, { status = true })
end

--- True for the file names that the server serves.
function M.is_description(name)
  return name:match('[/\\]config%.xml$') ~= nil or name:match('%.kiwi$') ~= nil
end

--- What a client needs beside its command: also read by lsp/apteryx.lua.
M.handlers = {
  ['apteryx/event'] = function(_, params)
    log.event(params)
    status.event(params)
  end,
  ['apteryx/status'] = function(_, params)
    status.tell(params)
  end,
}

--- Sets what old versions leave unset, or leave to xmlcomplete.
function M.on_attach(_, buffer)
  local old = vim.fn.has('nvim-0.10') == 0
  vim.bo[buffer].omnifunc = old and "v:lua.require'apteryx.omni'.omnifunc" or 'v:lua.vim.lsp.omnifunc'
end

--- The running clients, in any version. Those that are being ended do not count.
function M.clients()
  local found = {}
  for _, client in ipairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    local stopped = vim.fn.has('nvim-0.11') == 1 and client:is_stopped()
      or vim.fn.has('nvim-0.11') == 0 and client.is_stopped()
    if client.name == 'apteryx' and not stopped then
      table.insert(found, client)
    end
  end
  return found
end

--- One server for each folder, as vim.lsp.start (0.8) does it.
local function start_client(config, buffer)
  if vim.lsp.start then
    return vim.lsp.start(config, { bufnr = buffer })
  end
  local id
  for _, client in ipairs(M.clients()) do
    if client.config.root_dir == config.root_dir then
      id = client.id
    end
  end
  id = id or vim.lsp.start_client(config)
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
  return id
end

--- Attaches the server to a buffer. Gives the client's number, or nil where there is no binary.
function M.start(buffer)
  if not M.found() then
    return
  end
  if vim.bo[buffer].filetype ~= 'xml' then
    vim.bo[buffer].filetype = 'xml'
  end
  return start_client({
    name = 'apteryx',
    cmd = { M.binary(), 'lsp' },
    root_dir = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p:h'),
    init_options = M.options_of(),
    handlers = M.handlers,
    on_attach = M.on_attach,
  }, buffer)
end

local function stop(client, force)
  if vim.fn.has('nvim-0.11') == 1 then
    client:stop(force)
  else
    client.stop(force)
  end
end

--- Calls `start` once the client is gone; from the fourth second on, the end is not asked for but done.
local function when_gone(client, start)
  local waited = 0
  local function look()
    if not vim.lsp.get_client_by_id(client.id) then
      return start()
    end
    waited = waited + 50
    if waited == 3000 then
      stop(client, true)
    end
    if waited < 6000 then
      vim.defer_fn(look, 50)
    end
  end
  look()
end

--- Ends the server and starts it again for its buffers.
function M.restart()
  for _, client in ipairs(M.clients()) do
    local buffers = client.attached_buffers and vim.tbl_keys(client.attached_buffers)
      or vim.lsp.get_buffers_by_client_id(client.id)
    stop(client)
    when_gone(client, function()
      if M.native() then
        return vim.lsp.enable('apteryx')
      end
      for _, buffer in ipairs(buffers) do
        if vim.api.nvim_buf_is_valid(buffer) then
          M.start(buffer)
        end
      end
    end)
  end
end

--- The description meant: this buffer, else one that a server is attached to. Gives client and buffer, or nil.
local function target()
  local current, other = vim.api.nvim_get_current_buf(), nil
  for _, client in ipairs(M.clients()) do
    if vim.lsp.buf_is_attached(current, client.id) then
      return client, current
    end
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.lsp.buf_is_attached(buffer, client.id) then
        other = { client, buffer }
      end
    end
  end
  if other then
    return other[1], other[2]
  end
end

--- `type=oem profile=A profile=B target=DIR` as the argument of a command. Nil and the reason where it is something else.
function M.options(words)
  local options, profiles = {}, {}
  for _, word in ipairs(words) do
    local key, value = word:match('^(%a+)=(.+)$')
    if key == 'profile' then
      table.insert(profiles, value)
    elseif key == 'type' then
      options.type = value
    elseif key == 'target' then
      options.targetDir = vim.fn.fnamemodify(value, ':p')
    else
      return nil, '`' .. word .. '` is none of `type=`, `profile=`, `target=`'
    end
  end
  if #profiles > 0 then
    options.profiles = profiles
  end
  return options
end

local function request(client, buffer, command, argument, answered)
  local params = { command = command, arguments = { argument } }
  if vim.fn.has('nvim-0.11') == 1 then
    client:request('workspace/executeCommand', params, answered, buffer)
  else
    client.request('workspace/executeCommand', params, answered, buffer)
  end
end

--- For a status line, `%{v:lua.require'apteryx'.status()}`: what is built, the package lists, the running step.
--- `User ApteryxStatus` is fired where it changes.
function M.status(buffer)
  return status.line(buffer or vim.api.nvim_get_current_buf())
end

--- Selects what is built and what names are judged by: by words as for a build, or from a list.
function M.choose(words)
  local client, buffer = target()
  local options, fault = M.options(words or {})
  local told = buffer and status.of(buffer)
  if not told or fault then
    vim.notify('apteryx: ' .. (fault or 'no description is open'), vim.log.levels.ERROR)
    return
  end
  local function select(choice)
    local argument = vim.tbl_extend('force', choice, { uri = vim.uri_from_bufnr(buffer) })
    request(client, buffer, 'apteryx.select', argument, function(err, result)
      if err or not result.ok then
        vim.notify('apteryx: ' .. (err or result).message, vim.log.levels.ERROR)
      end
    end)
  end
  if #(words or {}) > 0 then
    return select(options)
  end
  local choices = { {} }
  vim.list_extend(choices, told.choices)
  vim.ui.select(choices, {
    prompt = 'What is built',
    format_item = function(choice)
      return choice.type and status.target(choice.profiles, choice.type, told.arch) or 'As the description prefers'
    end,
  }, function(choice)
    if choice then
      select(choice)
    end
  end)
end

--- A terminal on the guest's console.
function M.boot()
  local _, buffer = target()
  if not buffer or not M.found() then
    vim.notify('apteryx: no description is open', vim.log.levels.ERROR)
    return
  end
  local folder = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p:h')
  vim.cmd('botright 20new')
  local command = { M.binary(), 'boot', '--', folder }
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(command, { term = true, cwd = folder })
  else
    vim.fn.termopen(command, { cwd = folder })
  end
end

--- Calls a command of the server for the description at hand; its answer and events go to the log buffer.
function M.execute(command, words)
  local options, fault = M.options(words or {})
  local client, buffer = target()
  if not client then
    fault = fault or 'no description is open'
  end
  if fault then
    vim.notify('apteryx: ' .. fault, vim.log.levels.ERROR)
    return
  end
  options.uri = vim.uri_from_bufnr(buffer)
  local quiet = command == 'apteryx.cancel' or command == 'apteryx.refreshPackages'
  if not quiet then
    -- A build reads the files, not the buffers.
    vim.api.nvim_buf_call(buffer, function()
      vim.cmd('silent update')
    end)
    log.open('$ ' .. command .. ' ' .. table.concat(words or {}, ' '))
  end
  request(client, buffer, command, options, function(err, result)
    log.answer(command, err, result)
  end)
end

return M
