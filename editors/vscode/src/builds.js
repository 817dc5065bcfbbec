// The view of builds in the side bar. Shows what events.js keeps; starts nothing.
const path = require('path');
const vscode = require('vscode');
const { seconds, megabytes } = require('./events');

const ICONS = {
  running: 'sync~spin',
  done: 'check',
  stored: 'archive',
  failed: 'error',
  cancelled: 'circle-slash',
};

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

function item(label, description, icon, fold) {
  const one = new vscode.TreeItem(label, fold);
  one.description = description;
  one.iconPath = new vscode.ThemeIcon(icon);
  return one;
}

/** Nodes are the builds, steps, artifacts and lines themselves. */
class Builds {
  constructor() {
    /** The newest first. */
    this.list = [];
    this.changed = new vscode.EventEmitter();
    this.onDidChangeTreeData = this.changed.event;
    this.waiting = false;
  }

  /** Draws anew, ten times a second at most: a build says thousands of things. */
  refresh() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      this.changed.fire();
    }, 100);
  }

  getChildren(node) {
    if (!node) return this.list;
    if (node.began !== undefined) {
      const said = node.state === 'failed' ? [{ line: node.message, wrong: true }] : [];
      return [...node.steps, ...said, ...node.artifacts];
    }
    if (!node.steps) return [];
    const lines = node.state === 'failed' ? node.lines : [];
    return [...node.steps, ...lines.map((line) => ({ line }))];
  }

  getTreeItem(node) {
    if (node.began !== undefined) {
      const took = node.state === 'running' ? '' : seconds(node.seconds);
      const words = [node.detail, took].filter(Boolean).join(' · ');
      const one = item(node.title, words, ICONS[node.state], node === this.list[0] ? Expanded : Collapsed);
      one.contextValue = node.state === 'running' ? 'running' : 'ended';
      one.tooltip = node.message || undefined;
      return one;
    }
    if (node.line !== undefined) return item(node.line, '', node.wrong ? 'error' : 'blank', None);
    if (node.path !== undefined) {
      const one = item(path.basename(node.path), megabytes(node.size), 'file', None);
      one.tooltip = node.path;
      one.contextValue = 'artifact';
      one.command = { command: 'apteryx.reveal', title: 'Reveal', arguments: [node.path] };
      return one;
    }
    const took = node.state === 'running' || (node.steps.length && !node.seconds) ? '' : seconds(node.seconds);
    const words = [node.summary || (node.state === 'running' ? node.title : ''), took].filter(Boolean).join('  ');
    const below = this.getChildren(node).length;
    const fold = !below ? None : node.state === 'failed' || node.state === 'running' ? Expanded : Collapsed;
    return item(node.name.split('/').pop(), words, ICONS[node.state], fold);
  }

  /** All of it as text, indented: for tests and for the log. */
  text(node, depth = 0) {
    const nodes = this.getChildren(node);
    return nodes
      .map((n) => {
        const { label, description, iconPath } = this.getTreeItem(n);
        return `${'  '.repeat(depth)}${iconPath.id} ${label} ${description}\n${this.text(n, depth + 1)}`;
      })
      .join('');
  }
}

module.exports = { Builds };
