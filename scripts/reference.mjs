// npm run docs: writes docs/commands.md and docs/settings.md from what the editor is told of them, and from the table of
// commands docs/cli.md, parts of the manuals, and the completion of knockgated; docs/dialogues.md from test/transcripts.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTs } from './load-ts.mjs';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MADE = '<!-- Made by `npm run docs` from package.json and package.nls.json: edit those. -->';

/** Names of the places that can show a command, beside the palette. */
const PLACES = {
  'view/title': 'top of the hosts view',
  'view/item/context': 'a host in the hosts view',
  'statusBar/remoteIndicator': 'remote menu',
  'webview/context': 'context menu of a page',
  'editor/title': 'top of an editor',
};

/** The conditions of the palette in words; src/vscode/status/context-keys.ts says when they hold. */
const CONDITIONS = {
  'knockgate.hasHosts': 'there is a host',
  'knockgate.hasGate': 'there is a gate',
  'knockgate.hasSharedKeys': 'a host shares keys with this device',
  'knockgate.hasPsk': 'a pre-shared key is set',
  'knockgate.hasKey': 'there is a key',
  'knockgate.hasIdentities': 'there is more than one identity',
  'knockgate.rotating': 'a rotation is under way',
  'knockgate.keysLocked': 'keys are in a file that is locked',
  'knockgate.hookEnabled': 'the SSH hook is on',
  '!knockgate.hookEnabled': 'the SSH hook is off',
};

/** Folder of the dialogues. */
const DIALOGUES = 'test/transcripts';

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** The pages as they should be, by path. */
export function referencePages() {
  const texts = readJson('package.nls.json');
  const { contributes } = JSON.parse(JSON.stringify(readJson('package.json')), (_, value) => {
    return typeof value === 'string' ? value.replace(/^%(.+)%$/, (_, key) => texts[key]) : value;
  });
  const { PAGES } = loadTs("export { PAGES } from './src/command-table/pages/pages.ts';");
  const ofTable = Object.entries(PAGES).map(([path, make]) => [path, make(read(path))]);
  return {
    'docs/commands.md': commandsPage(contributes),
    'docs/settings.md': settingsPage(contributes),
    'docs/dialogues.md': dialoguesPage(),
    ...Object.fromEntries(ofTable),
  };
}

/** A page that is not there yet is empty. */
const read = (path) => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '');

/** The pages that are not as they should be. */
export function stalePages() {
  return Object.entries(referencePages()).flatMap(([path, text]) => {
    return read(path) === text ? [] : [path];
  });
}

function commandsPage({ commands, keybindings = [], menus }) {
  const rows = commands.map(({ command, category, title }) => {
    const keys = keybindings.filter((binding) => binding.command === command).map(({ key }) => `\`${key}\``);
    const places = Object.keys(PLACES).filter((place) => menus[place]?.some((item) => item.command === command));
    return [
      `${category}: ${title}`,
      palette(command, menus.commandPalette),
      keys.join(', ') || 'none',
      places.map((place) => PLACES[place]).join(', '),
      `\`${command}\``,
    ];
  });
  const head = ['command', 'in the palette', 'key', 'also in', 'name, for key bindings'];
  const binding = `${keybindings.length === 0 ? 'No key is taken: bind' : 'Bind'} those that you want in the editor’s keyboard shortcuts.`;
  return page('Commands of the extension', [
    `They are in the command palette (\`F1\`) under "Knockgate". ${binding}`,
    table(head, rows),
  ]);
}

/** When the palette offers a command, in words. */
function palette(command, items) {
  const { when } = items.find((item) => item.command === command);
  if (when === 'true') return 'always';
  const words = when.split(' && ').map((term) => CONDITIONS[term] ?? term);
  return `when ${words.join(' and ')}`;
}

/** The dialogues that tests type: test/rig/dialogue.ts explains their form. */
function dialoguesPage() {
  const names = readdirSync(join(ROOT, DIALOGUES)).sort();
  return `${[
    '# Dialogues',
    `<!-- Made by \`npm run docs\` from ${DIALOGUES}: edit those. -->`,
    'A test types each of these at a real terminal, and compares what is shown.\nA part in angle brackets differs each time, and `<more lines>` leaves some lines out.\nPassphrases are typed, and not shown.',
    ...names.map((name) => dialogueText(read(join(DIALOGUES, name)))),
  ].join('\n\n')}\n`;
}

function dialogueText(text) {
  const lines = text.trimEnd().split('\n');
  const begin = lines.findIndex((line) => /^(\$|root@\w+#) /.test(line));
  const [title, ...about] = lines.slice(0, begin).filter((line) => line !== '');
  const typed = lines
    .slice(begin)
    .join('\n')
    .replace(/«(.*?)»/g, '$1')
    .replace(/ ?‹.*?›/g, '');
  // A report has a block of its own, with three marks.
  const paragraph = about.length > 0 ? [about.join('\n')] : [];
  return [`## ${title}`, ...paragraph, `\`\`\`\`\n${typed}\n\`\`\`\``].join('\n\n');
}

function settingsPage({ configuration }) {
  const properties = [configuration].flat().flatMap((each) => Object.entries(each.properties));
  const sorted = properties.sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
  return page('Settings of the extension', [
    'A setting of scope `application` counts from the user’s settings only: no workspace can change it.',
    ...sorted.flatMap(([name, schema]) => setting(name, schema)),
  ]);
}

function setting(name, schema) {
  const facts = [
    `type \`${[schema.type].flat().join(' | ')}\``,
    `default \`${JSON.stringify(schema.default)}\``,
    `scope \`${schema.scope ?? 'window'}\``,
    ...range(schema),
  ];
  const fields = Object.entries(schema.additionalProperties?.properties ?? {}).map(([field, each]) => {
    const isNeeded = schema.additionalProperties.required?.includes(field);
    return [`\`${field}\``, `\`${each.type}\`${isNeeded ? ', required' : ''}`, description(each)];
  });
  return [
    `## \`${name}\``,
    facts.join(' · '),
    description(schema),
    ...choices(schema),
    ...(fields.length > 0 ? [table(['field', 'type', 'meaning'], fields)] : []),
  ];
}

function range({ minimum, maximum }) {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
}

/** The values of a setting that has a list of them. */
function choices({ enum: values = [], markdownEnumDescriptions, enumDescriptions }) {
  const meanings = markdownEnumDescriptions ?? enumDescriptions ?? [];
  if (values.length === 0) return [];
  return [
    table(
      ['value', 'meaning'],
      values.map((value, i) => [`\`${JSON.stringify(value)}\``, meanings[i] ?? '']),
    ),
  ];
}

/** In the editor `#name#` is a link to the setting of that name. */
function description({ markdownDescription, description: plain = '' }) {
  return (markdownDescription ?? plain).replace(/`#([\w.]+)#`/g, (_, name) => {
    return `[\`${name}\`](#${name.replaceAll('.', '').toLowerCase()})`;
  });
}

function table(head, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const page = (title, paragraphs) => `${[`# ${title}`, MADE, ...paragraphs].join('\n\n')}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(referencePages())) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    say(`wrote ${path}`);
  }
}
