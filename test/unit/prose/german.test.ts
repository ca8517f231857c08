import { describe, expect, it } from 'vitest';
import { contortedGerman, germanFaults } from '../../../scripts/prose-german.mjs';

describe('German texts', () => {
  it('are plain German, with one word for one thing: scripts/prose-german.mjs lists what to avoid', () => {
    expect(germanFaults().join('\n')).toBe('');
  });
});

describe('a German phrase to avoid', () => {
  it.each([
    ['Das Gate auf prod ist, wie es sein soll', 'ist, wie es sein soll'],
    ['nftables ist nicht da', 'ist nicht da'],
    ['Das Gate öffnet diesem Gerät.', 'öffnet diesem'],
    ['prod hat diesem Gerät noch nie geöffnet.', 'diesem Gerät noch nie geöffnet'],
    ['prod bleibt ihm verschlossen.', 'ihm verschlossen'],
    ['Neue Verbindungen werden eingelassen.', 'eingelassen'],
    ['Das lässt die Adresse ein, von der es kommt', 'lässt die Adresse ein'],
    ['Schlüssel ziehen nicht um.', 'ziehen nicht um'],
    ['Das macht sich von selbst rückgängig.', 'macht sich von selbst rückgängig'],
    ['Ein Klopfen kam an.', 'Klopfen'],
    ['Diese Klopfzeichen', 'Klopfzeichen'],
    ['auf diesem Rechner', 'Rechner'],
    ['ein zweiter Weg hinein', 'Weg hinein'],
    ['Die Probe endet.', 'Probe'],
    ['der Schlüssel des Sprunghosts', 'Sprunghost'],
    ['der Clientschlüssel', 'Clientschlüssel'],
    ['die vorige Zeile', 'vorige'],
    ['sein Log', 'Log'],
    ['Führen Sie "Knockgate: Anklopfen…" aus', '"Knockgate: Anklopfen…"'],
  ])('is found in "%s"', (text, phrase) => {
    expect(contortedGerman(text)).toMatchObject([{ phrase }]);
  });

  it.each([
    'Das Gate öffnet für dieses Gerät und verbirgt den Port auf Probe.',
    'Klopfen Sie von prod aus an; `knockgate knock prod` hilft.',
    'Ohne root lässt sich nur ein SYN senden.',
    'Der Host ist hinter einem Jump-Host; sein Login ist unbekannt.',
  ])('is not "%s"', (text) => {
    expect(contortedGerman(text)).toEqual([]);
  });
});
