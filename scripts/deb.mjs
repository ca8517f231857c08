// npm run deb: packs the daemon for Debian, as dist/knockgate_VERSION_all.deb.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, copyLibraries, GATE, LIBRARIES } from './build.mjs';
import { ROOT } from './install.mjs';
import { say } from './say.mjs';
import { sbom } from './sbom.mjs';
import { shell } from './shell.mjs';
import { sourceDate, surroundings } from './source-date.mjs';

const DEBIAN = 'server-helper/debian';
const MAN = 'server-helper/man';
const SYSTEMD = 'server-helper/systemd';
const DOC = 'usr/share/doc/knockgate';

/** Files that are packed as they are: from the repository to the target, with their mode. */
const FILES = [
  ...[...Object.keys(GATE), ...Object.keys(LIBRARIES)].map((path) => [
    path,
    `usr/lib/knockgate/${basename(path)}`,
    0o644,
  ]),
  [`${SYSTEMD}/knockgated`, 'usr/sbin/knockgated', 0o755],
  [`${SYSTEMD}/knockgate.service`, 'usr/lib/systemd/system/knockgate.service', 0o644],
  [`${SYSTEMD}/knockgate-boot.service`, 'usr/lib/systemd/system/knockgate-boot.service', 0o644],
  [`${SYSTEMD}/knockgate-action.socket`, 'usr/lib/systemd/system/knockgate-action.socket', 0o644],
  [`${SYSTEMD}/knockgate-action@.service`, 'usr/lib/systemd/system/knockgate-action@.service', 0o644],
  [`${SYSTEMD}/knockgate.sysusers`, 'usr/lib/sysusers.d/knockgate.conf', 0o644],
  [`${SYSTEMD}/knockgate.tmpfiles`, 'usr/lib/tmpfiles.d/knockgate.conf', 0o644],
  ['server-helper/completion/knockgated.bash', 'usr/share/bash-completion/completions/knockgated', 0o644],
  ['server-helper/completion/knockgated.zsh', 'usr/share/zsh/vendor-completions/_knockgated', 0o644],
  ['server-helper/completion/knockgated.fish', 'usr/share/fish/vendor_completions.d/knockgated.fish', 0o644],
  [`${DEBIAN}/gate.toml`, 'usr/share/knockgate/gate.toml', 0o644],
  ['THIRD-PARTY-NOTICES.md', `${DOC}/THIRD-PARTY-NOTICES.md`, 0o644],
];

/** Files that are packed compressed, as Debian wants manual pages and change logs. */
const COMPRESSED = [
  [`${MAN}/knockgated.8`, 'usr/share/man/man8/knockgated.8.gz'],
  [`${MAN}/gate.toml.5`, 'usr/share/man/man5/gate.toml.5.gz'],
];

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/**
 * Packs a version of the daemon, which must have been built, and returns the path of the package. Files bear the time of the
 * last commit, so that the same sources give the same package.
 */
export async function packDeb(version = JSON.parse(read('package.json')).version, folder = join(ROOT, 'dist')) {
  const tree = mkdtempSync(join(tmpdir(), 'knockgate-deb-'));
  const umask = process.umask(0o022);
  try {
    const seconds = await sourceDate();
    fill(tree, version, new Date(seconds * 1000));
    const deb = join(folder, `knockgate_${version}_all.deb`);
    const env = surroundings(seconds);
    const { code, output } = await shell(['dpkg-deb', '--root-owner-group', '-Zxz', '--build', tree, deb], { env });
    if (code !== 0) throw new Error(`dpkg-deb: ${output.trim()}`);
    return deb;
  } finally {
    process.umask(umask);
    rmSync(tree, { recursive: true });
  }
}

function fill(tree, version, date) {
  const put = (path, content, mode) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true, mode: 0o755 });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  };
  chmodSync(tree, 0o755);
  for (const [from, to, mode] of FILES) put(to, read(from), mode);
  const compressed = (text) => gzipSync(text, { level: 9 });
  for (const [from, to] of COMPRESSED)
    put(
      to,
      compressed(read(from).replace('@VERSION@', version).replace('@DATE@', date.toISOString().slice(0, 10))),
      0o644,
    );
  put(`${DOC}/changelog.gz`, compressed(changelog(version, date)), 0o644);
  put(`${DOC}/CHANGELOG.md`, read('CHANGELOG.md'), 0o644);
  put(`${DOC}/copyright`, copyright(), 0o644);
  const metafiles = Object.keys(GATE).map((path) => JSON.parse(read(`${path}.meta.json`)));
  put(`${DOC}/knockgate.cdx.json`, sbom(ROOT, metafiles, Object.values(LIBRARIES)), 0o644);
  const size = Math.ceil(sizeOf(tree) / 1024);
  const control = read(`${DEBIAN}/control`).replace('@VERSION@', version).replace('@SIZE@', size);
  put('DEBIAN/control', control, 0o644);
  for (const script of ['postinst', 'prerm', 'postrm']) put(`DEBIAN/${script}`, read(`${DEBIAN}/${script}`), 0o755);
}

/** In the form that Debian's tools read; what changed is beside it. */
function changelog(version, date) {
  const when = date.toUTCString().replace('GMT', '+0000');
  return `knockgate (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${maintainer()}  ${when}\n`;
}

const maintainer = () => /^Maintainer: (.*)$/m.exec(read(`${DEBIAN}/control`))?.[1];

function copyright() {
  const licence = read('LICENSE')
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line}`));
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    'Upstream-Name: knockgate',
    'Comment: licences of the libraries that are part of the daemon are in THIRD-PARTY-NOTICES.md',
    '',
    'Files: *',
    `Copyright: ${/^Copyright \(c\) (.*)$/m.exec(read('LICENSE'))?.[1] ?? 'the knockgate authors'}`,
    'License: MIT',
    ...licence,
    '',
    'Files: usr/lib/knockgate/openpgp.min.cjs',
    'Copyright: the OpenPGP.js authors, https://openpgpjs.org',
    'License: LGPL-3+',
    ' On Debian systems its text is in /usr/share/common-licenses/LGPL-3.',
    '',
  ].join('\n');
}

function sizeOf(path) {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

async function main() {
  await build({ entries: GATE });
  copyLibraries();
  say(`packed ${await packDeb()}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
