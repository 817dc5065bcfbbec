// Which apteryx is run.
const { execFile } = require('child_process');
const path = require('path');
const vscode = require('vscode');

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

module.exports = { binary };
