// Finds the binary, starts the server, restarts it. All else is the server's work.
const { execFile } = require('child_process');
const path = require('path');
const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;
let log;

/** Runs `CANDIDATE --version`; the reason where that is not an apteryx, else null. */
function fault(candidate) {
  return new Promise((resolve) => {
    execFile(candidate, ['--version'], { timeout: 5000 }, (error, stdout) => {
      if (error) return resolve(error.message.split('\n')[0]);
      resolve(/^apteryx \d/.test(stdout) ? null : 'it is another program');
    });
  });
}

/** The first that runs: the setting, the one in the extension, the one on PATH. Throws with all the reasons. */
async function binary(context) {
  const set = vscode.workspace.getConfiguration('apteryx').get('path');
  const name = process.platform === 'win32' ? 'apteryx.exe' : 'apteryx';
  const candidates = set ? [set] : [path.join(context.extensionPath, 'server', name), 'apteryx'];
  const reasons = [];
  for (const candidate of candidates) {
    const reason = await fault(candidate);
    if (!reason) return candidate;
    reasons.push(`${candidate}: ${reason}`);
  }
  throw new Error(`no apteryx binary (${reasons.join('; ')}); set apteryx.path`);
}

async function start(context) {
  try {
    const command = await binary(context);
    log.appendLine(`starting ${command} lsp`);
    const patterns = ['**/config.xml', '**/*.kiwi'];
    client = new LanguageClient(
      'apteryx',
      'Apteryx',
      { command, args: ['lsp'] },
      { documentSelector: patterns.map((pattern) => ({ language: 'xml', pattern })), outputChannel: log },
    );
    await client.start();
  } catch (error) {
    log.appendLine(String(error.message || error));
    vscode.window.showErrorMessage(`Apteryx: ${error.message || error}`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) await old.stop().catch(() => {});
}

async function activate(context) {
  log = vscode.window.createOutputChannel('Apteryx');
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand('apteryx.showLog', () => log.show()),
    vscode.commands.registerCommand('apteryx.restart', async () => {
      await stop();
      await start(context);
    }),
  );
  await start(context);
}

module.exports = { activate, deactivate: stop };
