// Finds the binary, starts the server, restarts it, calls its commands and shows what it tells. All else is the server's work.
const path = require('path');
const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');
const { binary } = require('./binary');
const { Builds } = require('./builds');
const events = require('./events');

/** What the palette offers, and the server's command behind it. The client registers the server's own names itself. */
const COMMANDS = {
  'apteryx.buildImage': 'apteryx.build',
  'apteryx.checkBoot': 'apteryx.boot',
  'apteryx.prepareTree': 'apteryx.buildPrepare',
  'apteryx.createImage': 'apteryx.buildCreate',
  'apteryx.cancelBuild': 'apteryx.cancel',
};
/** The server's commands that its lenses name, and what does the same and shows it. */
const LENSES = { 'apteryx.build': 'apteryx.buildImage', 'apteryx.boot': 'apteryx.bootImage' };
/** A build that took longer (seconds) may tell of its end by itself. */
const LONG = 10;

let client;
let program;
let log;
let output;
let builds;
let bars;
let said;
/** By URI, what the server told of a description. */
const statuses = new Map();

const isDescription = (document) =>
  document.uri.scheme === 'file' && /(^|\/)config\.xml$|\.kiwi$/.test(document.uri.path);

/** The description meant: the one in the active editor, else the only one that is open. */
function description() {
  const active = vscode.window.activeTextEditor;
  if (active && isDescription(active.document)) return active.document;
  const open = vscode.workspace.textDocuments.filter(isDescription);
  return open.length === 1 ? open[0] : undefined;
}

const uriOf = (document) => (client ? client.code2ProtocolConverter.asUri(document.uri) : document.uri.toString());

/** The status bar for the description at hand. */
function show() {
  const document = description();
  const status = document && statuses.get(uriOf(document));
  if (!status) {
    bars.target.hide();
    bars.packages.hide();
    return;
  }
  bars.target.text = `Apteryx: ${events.target(status.profiles, status.type, status.arch)}`;
  bars.target.show();
  if (status.packages) {
    bars.packages.text = events.packages(status.packages, Date.now() / 1000);
    bars.packages.show();
  } else bars.packages.hide();
}

/** An event of a build: a line in the output, a place in the view, a word in the status bar, and to whoever listens. */
function event(params) {
  const text = events.line(params);
  if (text !== null) output.appendLine(text);
  const build = events.take(builds.list, params, Date.now());
  builds.refresh();
  const now = events.progress(params);
  if (now !== null) {
    bars.build.text = now;
    bars.build.show();
  }
  if (params.event === 'build-started' || params.event === 'finished') running();
  if (params.event === 'finished') ended(build);
  said.fire(params);
}

function running() {
  const any = builds.list.some((b) => b.state === 'running');
  vscode.commands.executeCommand('setContext', 'apteryx.running', any);
}

/** Nothing pops up but the end of what took long. */
async function ended(build) {
  if (build.seconds < LONG || build.state === 'cancelled') return;
  if (build.state === 'failed') {
    const picked = await vscode.window.showErrorMessage(`Apteryx: ${build.message}`, 'Show Log');
    if (picked) output.show(true);
    return;
  }
  const result = events.result(build);
  const size = result ? ` (${events.megabytes(result.size)})` : '';
  const words = `Apteryx: ${build.message}${size} in ${events.seconds(build.seconds)}`;
  const picked = await vscode.window.showInformationMessage(words, 'Boot', ...(result ? ['Reveal'] : []));
  if (picked === 'Boot') boot(build.uri);
  if (picked === 'Reveal') reveal(result.path);
}

/** Where a result lies: in the file manager, and where there is none (a browser, a remote host) in the clipboard. */
async function reveal(file) {
  const uri = vscode.Uri.file(file);
  const local = vscode.env.uiKind === vscode.UIKind.Desktop && !vscode.env.remoteName;
  if (local) return vscode.commands.executeCommand('revealFileInOS', uri);
  await vscode.env.clipboard.writeText(file);
  vscode.window.setStatusBarMessage(`Apteryx: the path of ${path.basename(file)} is in the clipboard`, 5000);
}

async function start(context) {
  try {
    program = await binary(context);
    log.appendLine(`starting ${program} lsp`);
    const patterns = ['**/config.xml', '**/*.kiwi'];
    client = new LanguageClient(
      'apteryx',
      'Apteryx',
      { command: program, args: ['lsp'] },
      {
        documentSelector: patterns.map((pattern) => ({ language: 'xml', pattern })),
        outputChannel: log,
        initializationOptions: { ...vscode.workspace.getConfiguration('apteryx'), status: true },
        synchronize: { configurationSection: 'apteryx' },
        middleware: {
          executeCommand: (command, args, next) =>
            LENSES[command] ? vscode.commands.executeCommand(LENSES[command], ...args) : next(command, args),
        },
      },
    );
    client.onNotification('apteryx/event', event);
    client.onNotification('apteryx/status', (status) => {
      statuses.set(status.uri, status);
      show();
    });
    await client.start();
    vscode.commands.executeCommand('setContext', 'apteryx.active', true);
  } catch (error) {
    client = undefined;
    log.appendLine(String(error.message || error));
    vscode.window.showErrorMessage(`Apteryx: ${error.message || error}`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  statuses.clear();
  // With the server go its builds.
  for (const { uri, state } of builds.list) {
    if (state === 'running') event({ uri, event: 'finished', ok: false, message: 'cancelled' });
  }
  if (old) await old.stop().catch(() => {});
}

/** The reason why nothing is run, told; or false. */
function refused(document, options) {
  let why;
  if (!document && !(options && options.uri)) why = 'no description is open';
  // A build runs the folder's scripts.
  else if (!vscode.workspace.isTrusted) why = 'this folder is not trusted, so nothing of it is built';
  else if (!client) why = 'the server is not running, see its log';
  if (why) vscode.window.showErrorMessage(`Apteryx: ${why}`);
  return Boolean(why);
}

const call = (command, argument) =>
  client.sendRequest('workspace/executeCommand', { command, arguments: [argument] });

/** Calls a command of the server for the description at hand. Gives the answer, or undefined where it could not be asked. */
async function execute(command, options) {
  // A button of the view hands over its build.
  const given = options && options.uri ? { uri: options.uri } : {};
  for (const key of ['profiles', 'type', 'targetDir']) if (options && options[key]) given[key] = options[key];
  const document = description();
  if (refused(document, given)) return undefined;
  const argument = { uri: document && uriOf(document), ...given };
  if (command !== 'apteryx.cancel') {
    // A build reads the files, not the editors.
    if (document && document.isDirty) await document.save();
    output.appendLine(`$ ${command}`);
    vscode.commands.executeCommand('apteryx.builds.focus', { preserveFocus: true });
  }
  try {
    const answer = await call(command, argument);
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

/** A terminal on the guest's console. */
function boot(uri) {
  const document = description();
  if (refused(document, { uri })) return;
  const file = uri ? vscode.Uri.parse(uri).fsPath : document.uri.fsPath;
  const folder = /\.(xml|kiwi)$/.test(file) ? path.dirname(file) : file;
  vscode.window
    .createTerminal({ name: 'Apteryx: boot', cwd: folder, shellPath: program, shellArgs: ['boot', '--', folder] })
    .show();
}

/** Which profile and type a build takes, and names are judged by. */
async function choose() {
  const document = description();
  if (refused(document)) return;
  const status = statuses.get(uriOf(document));
  const choices = (status && status.choices) || [];
  const picks = choices.map((c) => ({
    label: events.target(c.profiles, c.type, status.arch),
    description: c.profiles.length ? '' : 'without a profile of its own',
    choice: c,
  }));
  const own = { label: 'As the description prefers', choice: {} };
  const picked = await vscode.window.showQuickPick([own, ...picks], { placeHolder: 'What is built' });
  if (picked) await call('apteryx.select', { uri: uriOf(document), ...picked.choice });
}

/** Looks the packages up anew; the click is the yes. */
async function refreshPackages() {
  const document = description();
  if (refused(document)) return undefined;
  const answer = await call('apteryx.refreshPackages', { uri: uriOf(document) });
  if (answer && !answer.ok) vscode.window.showWarningMessage(`Apteryx: ${answer.message}`);
  return answer;
}

function bar(id, name, command, tooltip, priority) {
  const one = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, priority);
  return Object.assign(one, { name, command, tooltip });
}

async function activate(context) {
  log = vscode.window.createOutputChannel('Apteryx');
  output = vscode.window.createOutputChannel('Apteryx Build');
  builds = new Builds();
  bars = {
    target: bar('apteryx.target', 'Apteryx: what is built', 'apteryx.choose', 'Choose the profile and the type', 3),
    packages: bar('apteryx.packages', 'Apteryx: packages', 'apteryx.refresh', 'Look the packages up again', 2),
    build: bar('apteryx.build', 'Apteryx: build', 'apteryx.showBuild', 'Show the build', 1),
  };
  said = new vscode.EventEmitter();
  const command = vscode.commands.registerCommand;
  const minute = setInterval(show, 60000);
  context.subscriptions.push(
    log,
    output,
    said,
    ...Object.values(bars),
    { dispose: () => clearInterval(minute) },
    vscode.window.createTreeView('apteryx.builds', { treeDataProvider: builds }),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidCloseTextDocument((document) => {
      statuses.delete(uriOf(document));
      show();
    }),
    command('apteryx.showLog', () => log.show()),
    command('apteryx.showBuild', () => vscode.commands.executeCommand('apteryx.builds.focus')),
    command('apteryx.showBuildLog', () => output.show()),
    command('apteryx.bootImage', (build) => boot(build && build.uri && String(build.uri))),
    command('apteryx.choose', choose),
    command('apteryx.refresh', refreshPackages),
    command('apteryx.reveal', (file) => reveal(typeof file === 'string' ? file : file.path)),
    command('apteryx.restart', async () => {
      await stop();
      await start(context);
    }),
    ...Object.entries(COMMANDS).map(([id, name]) => command(id, (options) => execute(name, options))),
  );
  await start(context);
  // For tests: what a user sees.
  return {
    onEvent: said.event,
    status: () => ({ target: bars.target.text, packages: bars.packages.text, build: bars.build.text }),
    tree: () => builds.text(),
  };
}

module.exports = { activate, deactivate: stop };
