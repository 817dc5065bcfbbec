-- Completion for Neovim before 0.10, whose own omnifunc drops candidates that carry a filterText (all that begin with
-- `<` here). Synchronous: the server answers in milliseconds. Newer versions never load this.
local M = {}

local items = {}

local function text_of(documentation)
  return type(documentation) == 'table' and documentation.value or documentation or ''
end

--- An `omnifunc`.
function M.omnifunc(findstart, base)
  if findstart == 1 then
    items = {}
    local line, column = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)[2]
    local params = vim.lsp.util.make_position_params()
    local start = vim.fn.match(line:sub(1, column), '\\k*$')
    for _, answer in pairs(vim.lsp.buf_request_sync(0, 'textDocument/completion', params, 2000) or {}) do
      local result = answer.result or {}
      vim.list_extend(items, result.items or result)
    end
    local edit = items[1] and items[1].textEdit
    if edit then
      start = vim.str_byteindex(line, edit.range.start.character, true)
    end
    return start
  end
  local words = {}
  for _, item in ipairs(items) do
    local word = item.textEdit and item.textEdit.newText or item.label
    if vim.startswith(item.filterText or word, base) then
      table.insert(words, { word = word, abbr = item.label, menu = item.detail, info = text_of(item.documentation), dup = 1 })
    end
  end
  return words
end

return M
