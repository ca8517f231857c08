// npm run package: makes dist/knockgate.vsix. A warning of vsce counts as a failure.
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';
import { shell } from './shell.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = 'dist/knockgate.vsix';

/** Builds everything and packs the extension: what .vscodeignore lets in, and no packages, which are in the bundle. */
async function main() {
  const built = await shell([process.execPath, 'scripts/build.mjs'], { cwd: ROOT });
  say(built.output.trim());
  if (built.code !== 0) return built.code;

  const vsce = [process.execPath, 'node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--out', OUTPUT];
  const packed = await shell([...vsce, '--allow-missing-repository', '--no-rewrite-relative-links'], { cwd: ROOT });
  say(packed.output.trim());
  return packed.code === 0 && /\bWARNING\b/i.test(packed.output) ? 1 : packed.code;
}

process.exitCode = await main();
