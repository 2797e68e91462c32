-- A real editor asks the language server: Neovim 0.7 or later, without a person.
--
--   HQ_LSP="hq vcl lsp" HQ_LSP_FILE=main.vcl nvim --headless -u NONE -c 'luafile lsp.lua'
--
-- HQ_LSP_HOVER is the text to hover over, HQ_LSP_COMPLETE the one behind which to complete; in both, the first place
-- where it stands. Prints what the editor got, a line each, and ends with status 0; with 1 and a sentence otherwise.

local function say(...) io.stdout:write(table.concat({ ... }, " "), "\n") end

local function give_up(sentence)
  say("failed:", sentence)
  vim.cmd("cquit 1")
end

local function wait(what, test)
  if not vim.wait(10000, test, 10) then give_up("no " .. what .. " within ten seconds") end
end

local function run()
  local file = assert(vim.env.HQ_LSP_FILE, "HQ_LSP_FILE names no file")
  vim.o.swapfile = false
  vim.cmd("edit " .. vim.fn.fnameescape(file))
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].filetype = "vcl"

  local published = false
  local inform = vim.lsp.handlers["textDocument/publishDiagnostics"]
  local client = vim.lsp.start_client({
    cmd = vim.split(assert(vim.env.HQ_LSP, "HQ_LSP holds no command"), " ", { trimempty = true }),
    name = "hq",
    root_dir = vim.fn.fnamemodify(file, ":p:h"),
    handlers = {
      ["textDocument/publishDiagnostics"] = function(...)
        published = true
        return inform(...)
      end,
    },
  })
  if not client then give_up("the server did not start") end
  vim.lsp.buf_attach_client(buffer, client)
  wait("diagnostics", function() return published end)

  local found = vim.diagnostic.get(buffer)
  table.sort(found, function(a, b) return a.lnum < b.lnum end)
  for _, one in ipairs(found) do
    local severity = vim.diagnostic.severity[one.severity]:lower()
    local message = one.message:gsub("\n", " | ")
    say("diagnostic", (one.lnum + 1) .. ":" .. (one.col + 1), severity, message)
  end

  -- The place of a text, and how many bytes behind its beginning.
  local function go(text, behind)
    for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      local at = line:find(text, 1, true)
      if at then
        vim.api.nvim_win_set_cursor(0, { number, at - 1 + behind })
        return
      end
    end
    give_up("'" .. text .. "' stands nowhere in the file")
  end

  local function ask(method, place)
    local answers = vim.lsp.buf_request_sync(buffer, method, place, 10000)
    if not answers or not answers[client] then give_up("no answer to " .. method) end
    if answers[client].err then give_up(method .. ": " .. answers[client].err.message) end
    return answers[client].result
  end

  go(vim.env.HQ_LSP_HOVER or "std.tolower", 1)
  vim.lsp.buf.hover()
  local window
  wait("hover", function()
    for _, one in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(one).relative ~= "" then window = one end
    end
    return window ~= nil
  end)
  for _, line in ipairs(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)) do
    if line ~= "" then say("hover", line) end
  end
  vim.api.nvim_win_close(window, true)

  local typed = vim.env.HQ_LSP_COMPLETE or "set req.u"
  go(typed, 0)
  local place = vim.lsp.util.make_position_params()
  place.position.character = place.position.character + #typed
  local word = typed:match("[%w_.:-]*$")
  local list = ask("textDocument/completion", place)
  for _, item in ipairs(vim.lsp.util.text_document_completion_list_to_complete_items(list, word)) do
    say("completion", item.word, item.menu ~= "" and item.menu or "")
  end

  go(vim.env.HQ_LSP_HOVER or "std.tolower", 1)
  local targets = ask("textDocument/definition", vim.lsp.util.make_position_params())
  for _, target in ipairs(targets or {}) do
    local name = vim.fn.fnamemodify(vim.uri_to_fname(target.uri), ":t")
    say("definition", name .. ":" .. (target.range.start.line + 1))
  end

  vim.lsp.stop_client(client)
  wait("end of the server", function() return vim.lsp.client_is_stopped(client) end)
  vim.cmd("qall!")
end

local good, message = pcall(run)
if not good then give_up(message) end
