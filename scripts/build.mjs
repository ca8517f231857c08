import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { loadTs } from './load-ts.mjs';
import { notices } from './notices.mjs';
import { say } from './say.mjs';
import { sbom } from './sbom.mjs';
import { sourceDate } from './source-date.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOTICES = 'THIRD-PARTY-NOTICES.md';
/** Lists of the packages in all programs, and in the extension with the files that it brings to servers. */
const SBOM = { all: 'dist/knockgate.cdx.json', extension: 'dist/extension.cdx.json' };

/** Programs for one folder of a server: the daemon, and the parts that it loads when it needs them. */
export const GATE = {
  'dist/knockgated.cjs': 'server-helper/main.ts',
  'dist/knockgated-action.cjs': 'server-helper/action/bundle.ts',
  'dist/knockgated-answer.cjs': 'server-helper/answer/bundle.ts',
  'dist/knockgated-decoy.cjs': 'server-helper/decoy/bundle.ts',
  'dist/knockgated-fleet-set.cjs': 'server-helper/fleet/bundle.ts',
  'dist/knockgated-fwknop.cjs': 'server-helper/fwknop/bundle.ts',
  'dist/knockgated-import.cjs': 'server-helper/import/bundle.ts',
  'dist/knockgated-manage.cjs': 'server-helper/manage/bundle.ts',
  'dist/knockgated-sequence.cjs': 'server-helper/sequence/bundle.ts',
};

/** The program that carries a fleet's documents from a store to the daemon. No package holds it before the daemon takes them. */
const FLEET_AGENT = { 'dist/knockgated-fleet.cjs': 'server-helper/fleet-agent/main.ts' };

/** Libraries that are shipped as they came, each a file of its own beside what loads it. */
export const LIBRARIES = { 'dist/openpgp.min.cjs': 'node_modules/openpgp/dist/node/openpgp.min.cjs' };

/** The command line: what connections wait for, and all other commands. */
const CLIENT = { 'dist/knockgate.cjs': 'src/cli/main.ts', 'dist/knockgate-commands.cjs': 'src/cli/commands.ts' };

/** Bundles that are run by their names. */
const PROGRAMS = ['dist/knockgated.cjs', 'dist/knockgate.cjs'];

/** The extension, likewise, which the editor loads as a module of its own; and what it has ssh run. */
const EXTENSION = { 'dist/extension.js': 'src/vscode/extension.ts', 'dist/ssh-hook.cjs': 'src/ssh/hook/helper.ts' };

/** Code of the extension's commands, loaded when the first of them runs. */
const COMMANDS = { 'dist/commands.js': 'src/vscode/commands.ts' };
/** The page that shows the activity of a gate: a program and a style for a webview of the editor. */
const PAGE = {
  'dist/activity.js': 'src/activity-view/page/main.ts',
  'dist/activity.css': 'src/activity-view/page/page.css',
};
/** Code that sets up gates, loaded by the command line and the editor when they need it. */
const DEPLOY = { 'dist/deploy.js': 'src/deploy/main.ts' };
/** Code that speaks to fwknopd, likewise, for the editor alone: the command line includes it. */
const FWKNOP = { 'dist/fwknop.js': 'src/client/fwknop/main.ts' };
/** The readers of other programs' files, for the editor alone: the command line includes them. */
const IMPORTERS = { 'dist/importers.js': 'src/client/importers.ts' };
/** Files that setting up a gate brings to servers. */
const GATE_FILES = 'dist/gate-files.json';
const MANUAL = ['server-helper/man/gate.toml.5', 'server-helper/man/knockgated.8'];
/** The completion of the daemon's command line. */
const COMPLETION = ['bash', 'zsh', 'fish'].map((name) => `server-helper/completion/knockgated.${name}`);
/** The manual of the command line, beside it. */
const CLIENT_MANUAL = { 'dist/knockgate.1': 'src/cli/man/knockgate.1' };

/**
 * Servers have the Node of Debian 12. The daemon is small: these names are a hundredth of it. They are methods and fields of the
 * parser of TOML, which nothing names by a text.
 */
const USUAL_OPTIONS = {
  target: 'node18',
  mangleProps:
    /^(?:reportParseError(?:ControlChar)?|codePointIterator|lastCodePoint|consumeValueContainer|valuesEnabled|needSameLine|valueContainerStack|getLocFromIndex|nextToken|currToken|applyResolveKeyForTable|addValueContainer)$/,
};
/** The oldest editor that `engines` in package.json lets in runs Node 20. */
const EXTENSION_OPTIONS = { target: 'node20', external: ['vscode'] };
/** The editor's own browser is newer. */
const PAGE_OPTIONS = { platform: 'browser', format: 'iife', target: 'es2022' };
/** ssh2 does without its native parts, which are not shipped. */
const DEPLOY_OPTIONS = { target: 'node18', external: ['vscode', 'cpu-features', '*.node'] };

/** Bundles that are loaded when they are needed: ends of the paths of their source files, and the bundles, beside what loads them. */
const APART = {
  'cli/commands.ts': './knockgate-commands.cjs',
  'vscode/commands.ts': './commands.js',
  'deploy/main.ts': './deploy.js',
  'client/fwknop/main.ts': './fwknop.js',
  'client/importers.ts': './importers.js',
  'server-helper/action/bundle.ts': './knockgated-action.cjs',
  'server-helper/answer/bundle.ts': './knockgated-answer.cjs',
  'server-helper/decoy/bundle.ts': './knockgated-decoy.cjs',
  'server-helper/fleet/bundle.ts': './knockgated-fleet-set.cjs',
  'server-helper/fwknop/bundle.ts': './knockgated-fwknop.cjs',
  'server-helper/import/bundle.ts': './knockgated-import.cjs',
  'server-helper/manage/bundle.ts': './knockgated-manage.cjs',
  'server-helper/sequence/bundle.ts': './knockgated-sequence.cjs',
};

/** Leaves these parts, and the libraries that are files of their own, out of what loads them. */
const PARTS_APART = {
  name: 'parts-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const found = Object.entries(APART).find(([end]) => resolve(resolveDir, path).endsWith(`/${end}`));
      return found && { path: found[1], external: true };
    });
    onResolve({ filter: /^openpgp$/ }, () => ({ path: './openpgp.min.cjs', external: true }));
  },
};

/**
 * Bundles programs and their parts, each into one file that needs nothing but Node 18, and returns esbuild's metafiles by
 * output file. `entries` maps output to source file, relative to the repository or absolute.
 */
export async function build({
  entries = {
    ...GATE,
    ...FLEET_AGENT,
    ...CLIENT,
    ...EXTENSION,
    ...COMMANDS,
    ...PAGE,
    ...DEPLOY,
    ...FWKNOP,
    ...IMPORTERS,
  },
} = {}) {
  const metafiles = {};
  for (const [outfile, entry] of Object.entries(entries)) {
    const isProgram = PROGRAMS.includes(outfile);
    const { metafile } = await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      // Licences of what is bundled are in the notices, whole, rather than scattered in the code.
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
      plugins: [PARTS_APART],
      // A file is loaded the same way by Node and by the editor: with require.
      supported: { 'dynamic-import': false },
      ...(isProgram && { banner: { js: '#!/usr/bin/env node' } }),
      ...optionsOf(entry),
    });
    metafiles[outfile] = metafile;
    if (isProgram) chmodSync(resolve(ROOT, outfile), 0o755);
    writeFileSync(resolve(ROOT, `${outfile}.meta.json`), JSON.stringify(metafile));
  }
  return metafiles;
}

function optionsOf(entry) {
  const isOf = (part) => Object.values(part).includes(entry);
  if (isOf(EXTENSION) || isOf(COMMANDS)) return EXTENSION_OPTIONS;
  if (isOf(PAGE)) return PAGE_OPTIONS;
  return isOf(DEPLOY) ? DEPLOY_OPTIONS : USUAL_OPTIONS;
}

/**
 * Packs what a server needs into one file: the daemon and its parts as built, its manual, the names of the libraries that lie beside them
 * here and there, the files for systemd, and the table for its nft to check.
 */
function packGateFiles() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const folder = join(ROOT, 'server-helper/systemd');
  const systemd = Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  // The manual goes along beside the programs: folders for manuals are not on every server. Links lead to it where they are.
  const library = Object.fromEntries(
    [...Object.keys(GATE), ...MANUAL, ...COMPLETION].map((path) => [
      basename(path),
      readFileSync(join(ROOT, path), 'utf8'),
    ]),
  );
  // Without a date: a page that says no more than before is not to be replaced on every server.
  for (const page of MANUAL.map((path) => basename(path))) library[page] = asReleased(library[page], version);
  const beside = Object.keys(LIBRARIES).map((path) => basename(path));
  writeFileSync(join(ROOT, GATE_FILES), JSON.stringify({ version, library, beside, systemd, table: usualTable() }));
}

const asReleased = (page, version, date = '') => page.replace('@VERSION@', version).replace('@DATE@', date);

async function copyClientManual() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const date = new Date((await sourceDate()) * 1000).toISOString().slice(0, 10);
  for (const [to, from] of Object.entries(CLIENT_MANUAL))
    writeFileSync(join(ROOT, to), asReleased(readFileSync(join(ROOT, from), 'utf8'), version, date));
}

/** The gate's table with the usual configuration, as the daemon's own code makes it. */
function usualTable() {
  const contents = `
    import { parseGateConfig } from './server-helper/config/gate-config.ts';
    import { planOf } from './server-helper/config/plan.ts';
    import { renderGated, renderTable } from './server-helper/firewall/table.ts';
    const plan = planOf(parseGateConfig('[gate]', 'gate.toml'));
    export const table = renderTable(plan) + renderGated(plan) + '\\n';`;
  return loadTs(contents).table;
}

/** Whether the committed notices tell what the programs contain, and what lies beside them. */
export function noticesAreCurrent(metafiles) {
  return readFileSync(join(ROOT, NOTICES), 'utf8') === noticesOf(metafiles);
}

function noticesOf(metafiles) {
  return notices(ROOT, Object.values(metafiles), Object.values(LIBRARIES));
}

function writeSboms(metafiles) {
  const inExtension = Object.keys(metafiles).filter((outfile) => !(outfile in CLIENT));
  for (const [file, outfiles] of [
    [SBOM.all, Object.keys(metafiles)],
    [SBOM.extension, inExtension],
  ]) {
    const text = sbom(
      ROOT,
      outfiles.map((outfile) => metafiles[outfile]),
      Object.values(LIBRARIES),
    );
    writeFileSync(join(ROOT, file), text);
  }
}

/** Puts the libraries beside the programs. */
export function copyLibraries() {
  for (const [to, from] of Object.entries(LIBRARIES)) copyFileSync(join(ROOT, from), join(ROOT, to));
}

async function main(args) {
  const metafiles = await build();
  copyLibraries();
  const text = noticesOf(metafiles);
  const files = ['dist/THIRD-PARTY-NOTICES.txt', ...(args.includes('--notices') ? [NOTICES] : [])];
  for (const file of files) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  writeSboms(metafiles);
  packGateFiles();
  await copyClientManual();
  for (const outfile of [...Object.keys(metafiles), GATE_FILES]) {
    say(`built ${outfile}, ${Math.ceil(readFileSync(join(ROOT, outfile)).length / 1000)} KB`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
