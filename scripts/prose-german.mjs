// Plain German: no translated text contains the phrases below, and one word is used for one thing.
//   node scripts/prose-german.mjs         lists the texts that do
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './say.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['l10n/bundle.l10n.de.json', 'package.nls.de.json'];

/** Word-for-word translations, and what a native engineer writes. */
const CONTORTIONS = [
  [
    /\b(?:ist|sind|war|waren),? wie (?:es|sie) (?:vorher |zuvor )?(?:war|waren|sein soll)\b/,
    'ist wieder im vorherigen Zustand, ist in Ordnung',
  ],
  [/\b(?:ist|sind) nicht da\b/, 'fehlt'],
  [/öffnet(?:e|en)? (?:sich )?(?:dem|der|einem|diesem|ihm|Ihnen|jedem)\b/, 'öffnet für …'],
  [
    /\bgeöffnet (?:dem|diesem|ihm)\b|\b(?:ihm|dem neuen|diesem Gerät) (?:noch nicht |noch nie )?geöffnet\b/,
    'hat für … geöffnet',
  ],
  [/\b(?:diesem Gerät|ihm) verschlossen\b/, 'bleibt für … geschlossen'],
  [/[eE]ingelassen\b|\beinl(?:ass|äss)(?:en|t)\b|\blässt [^.;:]* ein(?=[.,;:]|$)/, 'zugelassen, durchgelassen'],
  [/\bAlles geht\b/, 'Alles funktioniert'],
  [/\b(?:zieht|ziehen) nicht um\b/, 'wird nicht übernommen'],
  [/\bmacht sich [^.;:]*rückgängig\b/, 'nimmt … zurück'],
  [/\balles in allem\b/, 'insgesamt'],
  [/\bin niemandes\b/, 'darf sonst niemand'],
  [/\bfür einmal\b/, 'einmal'],
  [/\bwas davon\b/, 'was zutrifft'],
  [/"[Kk]nockgate[^"]*"/, '„…“'],
];

/** Several words for one thing, and the one to use: docs/glossary.md has the list. */
const WORDS = [
  [/\bKlopfzeichen\b|\bKnocks?\b|\bKlopfen\b(?! Sie\b)/, 'das Anklopfen'],
  [/\bPorts? zum Anklopfen\b/, 'Klopf-Port'],
  [/Notschlüssel/, 'Wiederherstellungsschlüssel'],
  [/\bWeg hinein\b/, 'zweiter Zugang'],
  [/\bClient[Ss]chlüssel|\bGeräteschlüssel/, 'Client-Schlüssel'],
  [/\bHost[Ss]chlüssel/, 'Host-Schlüssel'],
  [/\bGate-?Schlüssel/i, 'Schlüssel des Gates'],
  [/\bSprung-?[Hh]ost/, 'Jump-Host'],
  [/\bRechner/, 'Computer'],
  [/\bKommandozeile/, 'Befehlszeile'],
  [/\bRemotefenster/, 'Remote-Fenster'],
  [/\bgeheime[nmrs]? Speicher/, 'Geheimnisspeicher'],
  [/\bEinmal-?[Ss]equenz|\beinmalige Folge/, 'Einmalfolge'],
  [/\bLogs?\b/, 'Protokoll'],
  [/(?<!auf )\bProbe\b|\bTestlauf\b/, 'Probelauf, auf Probe'],
  [/\bZeile zum Eintragen\b/, 'Eintragungszeile'],
  [/\bvorige[nmrs]?\b/, 'vorherige'],
  [/\bversteck/, 'verbergen, verborgen'],
  [/\bbinnen\b/, 'innerhalb von'],
  [/\bBesitzer\b/, 'Betreiber (eines Servers), Eigentümer (einer Datei)'],
];

/** Phrases to avoid in a German text. */
export function contortedGerman(text) {
  return [...CONTORTIONS, ...WORDS].flatMap(([pattern, instead]) => {
    const phrase = text.match(pattern)?.[0];
    return phrase === undefined ? [] : [{ phrase, instead }];
  });
}

/** German texts that contain such a phrase, as lines to print. */
export function germanFaults() {
  return FILES.flatMap((path) => {
    const texts = Object.values(JSON.parse(readFileSync(join(ROOT, path), 'utf8')));
    return texts.flatMap((text) =>
      contortedGerman(text).map(({ phrase, instead }) => `${path}: „${phrase}“: write ${instead}\n    ${text}`),
    );
  });
}

function main() {
  const found = germanFaults();
  for (const each of found) say(each);
  say(`${found.length} texts to rewrite`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
