// Finds the binary, starts the server, restarts it, calls its commands and shows its events. All else is the server's work.
const { execFile } = require('child_process');
const path = require('path');
const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');
const { line, status } = require('./events');

/** What the palette offers, and the server's command behind it. The client registers the server's own names itself. */
const COMMANDS = {
  'apteryx.buildImage': 'apteryx.build',
  'apteryx.bootImage': 'apteryx.boot',
  'apteryx.prepareTree': 'apteryx.buildPrepare',
  'apteryx.createImage': 'apteryx.buildCreate',
  'apteryx.cancelBuild': 'apteryx.cancel',
};

let client;
let log;
let output;
let bar;
let said;

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

/** An event of a build: a line in the output, a word in the status bar, and to whoever listens. */
function event(params) {
  const text = line(params);
  if (text !== null) output.appendLine(text);
  const now = status(params);
  if (now !== null) {
    bar.text = now;
    bar.show();
  }
  said.fire(params);
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
      {
        documentSelector: patterns.map((pattern) => ({ language: 'xml', pattern })),
        outputChannel: log,
        initializationOptions: vscode.workspace.getConfiguration('apteryx'),
        synchronize: { configurationSection: 'apteryx' },
      },
    );
    client.onNotification('apteryx/event', event);
    await client.start();
  } catch (error) {
    client = undefined;
    log.appendLine(String(error.message || error));
    vscode.window.showErrorMessage(`Apteryx: ${error.message || error}`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) await old.stop().catch(() => {});
}

const isDescription = (document) =>
  document.uri.scheme === 'file' && /(^|\/)config\.xml$|\.kiwi$/.test(document.uri.path);

/** The description meant: the one in the active editor, else the only one that is open. */
function description() {
  const active = vscode.window.activeTextEditor;
  if (active && isDescription(active.document)) return active.document;
  const open = vscode.workspace.textDocuments.filter(isDescription);
  return open.length === 1 ? open[0] : undefined;
}

/** Calls a command of the server for the description at hand. Gives the answer, or undefined where it could not be asked. */
async function execute(command, options) {
  const document = description();
  if (!document && !(options && options.uri)) {
    vscode.window.showErrorMessage('Apteryx: no description is open');
    return undefined;
  }
  if (!vscode.workspace.isTrusted) {
    // A build runs the folder's scripts.
    vscode.window.showErrorMessage('Apteryx: this folder is not trusted, so nothing of it is built');
    return undefined;
  }
  if (!client) {
    vscode.window.showErrorMessage('Apteryx: the server is not running, see its log');
    return undefined;
  }
  const argument = { uri: document && client.code2ProtocolConverter.asUri(document.uri), ...options };
  if (command !== 'apteryx.cancel') {
    // A build reads the files, not the editors.
    if (document && document.isDirty) await document.save();
    output.appendLine(`$ ${command}`);
    output.show(true);
  }
  try {
    const answer = await client.sendRequest('workspace/executeCommand', { command, arguments: [argument] });
    if (answer && answer.message && command !== 'apteryx.cancel') {
      output.appendLine(`${answer.ok ? 'ok' : 'not ok'}: ${answer.message}`);
    }
    return answer;
  } catch (error) {
    output.appendLine(`error: ${error.message}`);
    vscode.window.showErrorMessage(`Apteryx: ${error.message}`);
    return undefined;
  }
}

async function activate(context) {
  log = vscode.window.createOutputChannel('Apteryx');
  output = vscode.window.createOutputChannel('Apteryx Build');
  bar = vscode.window.createStatusBarItem('apteryx.build', vscode.StatusBarAlignment.Left);
  bar.name = 'Apteryx';
  bar.command = 'apteryx.showBuild';
  said = new vscode.EventEmitter();
  const command = vscode.commands.registerCommand;
  context.subscriptions.push(
    log,
    output,
    bar,
    said,
    command('apteryx.showLog', () => log.show()),
    command('apteryx.showBuild', () => output.show()),
    command('apteryx.restart', async () => {
      await stop();
      await start(context);
    }),
    ...Object.entries(COMMANDS).map(([id, name]) => command(id, (options) => execute(name, options))),
  );
  await start(context);
  return { onEvent: said.event, status: () => bar.text };
}

module.exports = { activate, deactivate: stop };
