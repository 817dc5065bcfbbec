// Runs inside VS Code's extension host, the way @vscode/test-electron runs tests. Writes its verdict to a file.
const assert = require('assert');
const fs = require('fs');
const net = require('net');
const vscode = require('vscode');

const steps = [];

/** Polls until `holds` gives something; that is given back. */
async function waitFor(what, holds, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await holds();
    if (value) {
      steps.push(`ok: ${what}`);
      return value;
    }
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const text = (hover) => hover.contents.map((c) => c.value || c).join('\n');

async function edit(document, from, to) {
  const at = document.getText().indexOf(from);
  assert(at >= 0, from);
  const change = new vscode.WorkspaceEdit();
  change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert(await vscode.workspace.applyEdit(change));
}

async function test() {
  const extension = vscode.extensions.getExtension('apteryx.apteryx');
  assert(extension, 'the extension is not there');
  const folder = vscode.workspace.workspaceFolders[0].uri;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, 'config.xml'));
  await vscode.window.showTextDocument(document);
  await waitFor('the extension activates by itself', () => extension.isActive);

  const findings = () =>
    vscode.languages.getDiagnostics(document.uri).filter((d) => d.source === 'apteryx');
  const [found] = await waitFor('the finding is there', () => findings().length === 1 && findings());
  assert.strictEqual(found.range.start.line, 10);
  assert.strictEqual(found.code.value, 'unknown-attribute');

  const at = document.positionAt(document.getText().indexOf('<type') + 2);
  const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, at);
  assert(hovers.some((h) => text(h).length > 40), 'hover says what <type> is');
  steps.push('ok: hover');

  const fixes = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, found.range);
  assert(fixes.some((f) => f.edit && /ensure_empty_tmpdirs/.test(JSON.stringify(f.edit.entries()))), 'quick fix');
  steps.push('ok: quick fix');

  await edit(document, 'ensure_empty_tmpdir=', 'ensure_empty_tmpdirs=');
  await waitFor('the edit clears the finding', () => findings().length === 0);

  await edit(document, '</packagemanager>', '</packagemanager>\n        <bootsp');
  const end = document.positionAt(document.getText().indexOf('<bootsp') + 7);
  const list = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, end);
  const labels = list.items.map((i) => i.label.label || i.label);
  assert(labels.includes('bootsplash-theme'), labels.join(' '));
  steps.push('ok: completion');
  await edit(document, '\n        <bootsp', '');

  const commands = await vscode.commands.getCommands(true);
  const declared = extension.packageJSON.contributes.commands.map((c) => c.command);
  for (const name of declared) assert(commands.includes(name), `${name} is not registered`);
  steps.push(`ok: ${declared.length} commands are registered`);

  const shown = () => extension.exports.status();
  await waitFor('the status bar says what is built', () => shown().target === 'Apteryx: docker · x86_64');
  assert(/not looked up/.test(shown().packages), shown().packages);

  const events = [];
  extension.exports.onEvent((e) => events.push(e));
  await edit(document, 'ensure_empty_tmpdirs=', 'ensure_empty_tmpdir=');
  const answer = await vscode.commands.executeCommand('apteryx.buildImage');
  assert(answer && answer.ok === false && answer.message, JSON.stringify(answer));
  await waitFor('a build of a wrong description fails, with events', () =>
    events.some((e) => e.event === 'finished' && !e.ok),
  );
  assert(!document.isDirty, 'the build reads files, so the document is saved first');
  assert(/failed/.test(shown().build), shown().build);
  assert(/^error /.test(extension.exports.tree()), extension.exports.tree());

  // A build that would not end: its repository takes the connection and says nothing.
  let asked = 0;
  const silent = net.createServer(() => (asked += 1));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await edit(document, 'ensure_empty_tmpdir=', 'ensure_empty_tmpdirs=');
  await edit(document, 'https://ftp.debian.org', `http://127.0.0.1:${silent.address().port}`);
  events.length = 0;
  const running = vscode.commands.executeCommand('apteryx.buildImage');
  await waitFor('a build asks its repository', () => asked > 0 && events.some((e) => e.event === 'step-started'));
  assert(/spin/.test(shown().build), shown().build);
  await vscode.commands.executeCommand('apteryx.cancelBuild');
  const cancelled = await running;
  assert(cancelled && !cancelled.ok && cancelled.message === 'cancelled', JSON.stringify(cancelled));
  steps.push('ok: cancel ends it');
  silent.close();
  assert(/^circle-slash /.test(extension.exports.tree()), extension.exports.tree());

  await realBuilds(folder, extension, events);
  await vscode.window.showTextDocument(document);

  await vscode.commands.executeCommand('apteryx.restart');
  await edit(document, 'ensure_empty_tmpdirs=', 'ensure_empty_tmpdir=');
  await waitFor('a restarted server finds it again', () => findings().length === 1);
}

/** A description with a repository beside it, which tests/editors/vscode.sh has laid there: built to the end, and cancelled. */
async function realBuilds(folder, extension, events) {
  const { status, tree } = extension.exports;
  const tiny = vscode.Uri.joinPath(folder, 'tiny', 'config.xml');
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(tiny));
  await waitFor('the status bar follows the editor', () => status().target === 'Apteryx: Small · tbz · x86_64');

  const looked = await vscode.commands.executeCommand('apteryx.refresh');
  assert(looked && looked.ok, JSON.stringify(looked));
  await waitFor('packages are looked up', () => /1 package, just now$/.test(status().packages));

  events.length = 0;
  const built = await vscode.commands.executeCommand('apteryx.buildImage');
  assert(built && built.ok, JSON.stringify(built));
  const archive = built.artifacts.find((a) => a.key === 'root_archive').path;
  assert(archive.endsWith('tiny/out/Tiny.x86_64-1.0.0.tar.xz') && fs.statSync(archive).size > 0, archive);
  await waitFor('a real build ends well in the view', () => /^check Tiny 1\.0\.0 Small · tbz · x86_64 · /.test(tree()));
  const first = tree();
  for (const part of [/\n  check packages .*\n    check metadata /, /\n    check unpack /, /\n  check create /, /\n  file Tiny\.x86_64-1\.0\.0\.tar\.xz \d+ MB\n/]) {
    assert(part.test(first), `${part} in\n${first}`);
  }
  assert.strictEqual(events[events.length - 1].event, 'finished');
  assert(/built/.test(status().build), status().build);
  await vscode.commands.executeCommand('apteryx.reveal', archive);
  assert.strictEqual(await vscode.env.clipboard.readText(), archive);
  steps.push('ok: its result is shown, and where it lies');

  const lenses = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', tiny);
  const titles = lenses.map((l) => l.command.title);
  assert(titles[0] === 'Build' && /^\d+ MB, built \d+ (s|min) ago$/.test(titles[1]), titles.join(' · '));
  // Its click builds what the extension's own command builds, and shows it.
  const { command, arguments: given } = lenses[0].command;
  const again = await vscode.commands.executeCommand(command, ...given);
  assert(again && again.ok, JSON.stringify(again));
  await waitFor('the lens builds, in the view', () => tree().split('\n').filter((l) => /^check Tiny/.test(l)).length === 2);

  const script = vscode.Uri.joinPath(folder, 'tiny', 'config.sh').fsPath;
  fs.writeFileSync(script, '#!/bin/bash\nsleep 30303 &\nsleep 30303\n', { mode: 0o755 });
  events.length = 0;
  const running = vscode.commands.executeCommand('apteryx.buildImage');
  await waitFor('a second build runs a script', () => events.some((e) => e.event === 'step-started' && /config\.sh/.test(e.step)));
  await vscode.commands.executeCommand('apteryx.cancelBuild');
  const answer = await running;
  assert.strictEqual(answer.message, 'cancelled');
  await waitFor('its cancel is in the view', () => /^circle-slash Tiny 1\.0\.0 /.test(tree()));
  fs.unlinkSync(script);
}

exports.run = async function run() {
  let verdict = 'passed';
  try {
    await test();
  } catch (error) {
    verdict = `FAILED: ${error.stack || error}`;
  }
  const out = process.env.APTERYX_RESULT;
  fs.writeFileSync(`${out}.part`, `${steps.join('\n')}\n${verdict} on VS Code ${vscode.version}\n`);
  fs.renameSync(`${out}.part`, out);
};
