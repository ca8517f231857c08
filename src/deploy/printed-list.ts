import { fieldsOf, parseJson } from '../base/loose-json.ts';
import type { Phrase } from '../base/phrase.ts';
import { answerNotUnderstood } from './problems.ts';

/**
 * Reads a list that `knockgated … --json` printed on a server. An empty list differs from no list.
 * @param title what the server was asked to do
 * @throws Problem `answer-not-understood`
 */
export function readPrintedList(text: string, host: string, title: Phrase): Record<string, unknown>[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw answerNotUnderstood(host, title, text);
  return list.map(fieldsOf);
}
