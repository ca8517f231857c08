// Stands in for the package `bindings` beside @vscode/spdlog, whose native half would have to be compiled. Without it the
// editor writes no log files, and output channels that are logs stay empty: tests read both.
const { appendFileSync } = require('node:fs');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
const INFO = LEVELS.indexOf('info');

/** A log file. What it is told is in the file when the call returns. */
class Logger {
  constructor(_kind, _name, file) {
    this.file = file;
    this.level = INFO;
    this.bare = false;
    for (const [level, name] of LEVELS.entries()) {
      this[name === 'warning' ? 'warn' : name] = (message) => this.write(level, message);
    }
  }

  write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.file, this.bare ? message : `${time} [${LEVELS[level]}] ${message}\n`);
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  /** Afterwards messages come with whatever time and line end they need. */
  clearFormatters() {
    this.bare = true;
  }

  setPattern() {}
  flush() {}
  drop() {}
}

module.exports = () => ({ version: 0, setLevel() {}, setFlushOn() {}, Logger });
