// The events of builds as words and as a tree of steps. Plain functions on plain data, no editor.
const path = require('path');

/** Lines of a step that are kept: what a failure is explained by. */
const LINES = 20;
/** Builds that are kept, the newest first. */
const BUILDS = 10;

const seconds = (s) => `${Number(s || 0).toFixed(1)} s`;
const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** A line for the output, or null for what is not worth one. */
function line(e) {
  switch (e.event) {
    case 'build-started':
      return `Building ${e.name} ${e.version} · ${target(e.profiles, e.format ? `${e.image}, ${e.format}` : e.image, e.arch)}`;
    case 'step-started':
      return `> ${e.step}: ${e.title}`;
    case 'log':
      return `  ${e.line}`;
    case 'warning':
      return `warning: ${e.step}: ${e.message}`;
    case 'step-finished':
      return `${e.outcome} ${e.step}: ${e.summary}  ${seconds(e.seconds)}`;
    case 'artifact':
      return `${e.key}: ${e.path}`;
    case 'finished':
      return `${e.ok ? 'done' : 'failed'}: ${e.message}`;
    default:
      return null;
  }
}

/** `Disk · oem · x86_64` */
function target(profiles, image, arch) {
  return [...(profiles && profiles.length ? [profiles.join(', ')] : []), ...(image ? [image] : []), arch].join(' · ');
}

/** `63,412 packages, 2 h`; `now` in seconds since 1970. */
function packages(p, now) {
  if (p.state === 'fetching') return '$(sync~spin) looking up packages';
  if (p.state !== 'ready') return '$(package) packages not looked up';
  const age = Math.max(0, now - p.fetched);
  const words =
    age < 60 ? 'just now' : age < 3600 ? `${Math.floor(age / 60)} min` : age < 172800 ? `${Math.floor(age / 3600)} h` : `${Math.floor(age / 86400)} d`;
  return `$(package) ${p.count.toLocaleString('en-US')} ${p.count === 1 ? 'package' : 'packages'}, ${words}`;
}

/** What the status bar shows of a build from now on, or null where it stays as it is. */
function progress(e) {
  switch (e.event) {
    case 'build-started':
      return `$(sync~spin) ${e.name}`;
    case 'step-started':
      return `$(sync~spin) ${e.step}`;
    case 'progress':
      return e.total ? `$(sync~spin) ${e.step} ${Math.floor((100 * e.done) / e.total)} %` : null;
    case 'finished':
      return e.ok ? '$(check) built' : e.message === 'cancelled' ? '$(circle-slash) cancelled' : '$(error) failed';
    default:
      return null;
  }
}

const step = (name) => ({ name, title: '', state: 'running', summary: '', seconds: 0, steps: [], lines: [] });

/** The step of that name, `prepare/unpack` below `prepare`; made where it is not there yet. */
function find(build, name) {
  let at = build;
  let whole = '';
  for (const part of name.split('/')) {
    whole = whole ? `${whole}/${part}` : part;
    let next = at.steps.find((s) => s.name === whole);
    if (!next) {
      next = step(whole);
      at.steps.push(next);
    }
    at = next;
  }
  return at;
}

const every = (steps, f) => steps.forEach((s) => (f(s), every(s.steps, f)));

/**
 * Takes an event in: `builds` is a list of builds, the newest first, and is changed. Gives the build that it belongs to.
 * A build: {uri, command, title, detail, state, steps, artifacts, message, began, seconds}; a state is running, done, stored,
 * failed or cancelled.
 */
function take(builds, e, now) {
  let build = builds.find((b) => b.uri === e.uri && b.state === 'running');
  if (!build) {
    const folder = path.posix.basename(path.posix.dirname(decodeURIComponent(e.uri || '')));
    build = { uri: e.uri, command: e.command, title: folder, detail: '', state: 'running', steps: [], artifacts: [], message: '', began: now, seconds: 0 };
    builds.unshift(build);
    builds.splice(BUILDS);
  }
  switch (e.event) {
    case 'build-started':
      build.title = `${e.name} ${e.version}`;
      build.detail = target(e.profiles, e.image, e.arch);
      break;
    case 'step-started':
      Object.assign(find(build, e.step), { title: e.title, state: 'running' });
      break;
    case 'progress':
      find(build, e.step).summary = e.total ? `${e.done} of ${e.total} ${e.unit}` : `${e.done} ${e.unit}`;
      break;
    case 'log': {
      const { lines } = find(build, e.step);
      lines.push(e.line);
      lines.splice(0, lines.length - LINES);
      break;
    }
    case 'step-finished':
      Object.assign(find(build, e.step), { state: e.outcome, summary: e.summary, seconds: e.seconds });
      break;
    case 'artifact':
      build.artifacts.push({ key: e.key, path: e.path, size: e.size });
      break;
    case 'finished':
      build.state = e.ok ? 'done' : e.message === 'cancelled' ? 'cancelled' : 'failed';
      build.message = e.message;
      build.seconds = (now - build.began) / 1000;
      // A step that said no end, and one that only stands for the steps below it.
      every(build.steps, (s) => {
        if (s.state === 'running') s.state = build.state;
      });
      break;
    default:
  }
  return build;
}

/** What a user looks for first: the image, not the lists beside it. */
function result(build) {
  const images = build.artifacts.filter((a) => !/packages|changes|verified|result/.test(a.key));
  return images[images.length - 1] || build.artifacts[build.artifacts.length - 1];
}

module.exports = { line, target, packages, progress, take, result, seconds, megabytes };
