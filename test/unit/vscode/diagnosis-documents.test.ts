import { beforeEach, describe, expect, it } from 'vitest';
import { activationEvents } from '../../../package.json';
import { DiagnosisDocuments } from '../../../src/vscode/diagnosis-documents.ts';
import { documents, executed, resetEditor } from '../../rig/fake-vscode.ts';
import { FakeLog, FakeMemento } from './support.ts';

let state: FakeMemento;
beforeEach(() => {
  resetEditor();
  state = new FakeMemento();
});

const shownPaths = () => executed.map(({ args: [uri] }) => String(Object(uri).path));
const textAt = (path: string) => documents.get('knockgate-diagnosis')?.({ path });

describe('a document', () => {
  it('is there again when its window was reloaded', async () => {
    await new DiagnosisDocuments(new FakeLog(), state).show('prod', '# prod');
    const [path = ''] = shownPaths();
    new DiagnosisDocuments(new FakeLog(), state);
    expect(textAt(path)).toBe('# prod');
  });

  it('has a scheme for which the editor starts the extension, before it restores the document', async () => {
    await new DiagnosisDocuments(new FakeLog(), state).show('prod', '# prod');
    const [
      {
        args: [uri],
      } = { args: [] },
    ] = executed;
    expect(activationEvents).toContain(`onFileSystem:${Object(uri).scheme}`);
  });

  it('never has the place of another, before and after a reload', async () => {
    const before = new DiagnosisDocuments(new FakeLog(), state);
    await before.show('prod', 'one');
    await before.show('prod', 'two');
    await new DiagnosisDocuments(new FakeLog(), state).show('prod', 'three');
    expect(new Set(shownPaths()).size).toBe(3);
    expect(shownPaths().map(textAt)).toEqual(['one', 'two', 'three']);
  });

  it('that is not kept any more says so', async () => {
    const before = new DiagnosisDocuments(new FakeLog(), state);
    for (let i = 0; i < 9; i += 1) await before.show('prod', `text ${i}`);
    new DiagnosisDocuments(new FakeLog(), state);
    const texts = shownPaths().map(textAt);
    expect(texts.slice(3)).toEqual([3, 4, 5, 6, 7, 8].map((i) => `text ${i}`));
    expect(texts[0]).toContain('was not kept');
  });
});
