// The events of a build as words. Plain functions, no editor.

/** A line for the output, or null for what is not worth one. */
function line(e) {
  switch (e.event) {
    case 'build-started':
      return `Building ${e.name} ${e.version} · ${e.image} · ${e.arch}`;
    case 'step-started':
      return `> ${e.step}: ${e.title}`;
    case 'log':
      return `  ${e.line}`;
    case 'warning':
      return `warning: ${e.step}: ${e.message}`;
    case 'step-finished':
      return `${e.outcome} ${e.step}: ${e.summary}  ${Number(e.seconds || 0).toFixed(1)} s`;
    case 'artifact':
      return `${e.key}: ${e.path}`;
    case 'finished':
      return `${e.ok ? 'done' : 'failed'}: ${e.message}`;
    default:
      return null;
  }
}

/** What the status bar shows from now on, or null where it stays as it is. */
function status(e) {
  switch (e.event) {
    case 'build-started':
      return `$(sync~spin) Apteryx: ${e.name}`;
    case 'step-started':
      return `$(sync~spin) Apteryx: ${e.step}`;
    case 'progress':
      return e.total ? `$(sync~spin) Apteryx: ${e.step} ${Math.floor((100 * e.done) / e.total)} %` : null;
    case 'finished':
      return e.ok ? '$(check) Apteryx: done' : '$(error) Apteryx: failed';
    default:
      return null;
  }
}

module.exports = { line, status };
