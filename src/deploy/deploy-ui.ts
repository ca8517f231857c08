import type { Phrase } from '../base/phrase.ts';
import type { Prompts } from './connection/remote.ts';
import type { SecondWay } from './second-way/second-way.ts';

/** Answer to a plan; `another-way`: somebody wants another second way in, and a plan for that. */
export type Approval = 'yes' | 'no' | 'another-way';

/**
 * Progress of a deployment. It says what may be on the server if this computer loses the connection for good: `untouched`: nothing
 * new; `being-changed`: files that hide nothing; `on-trial`: ports that show themselves again when the trial ends; `being-
 * confirmed`: either that, or a gate that stays.
 */
export type Progress = 'untouched' | 'being-changed' | 'on-trial' | 'being-confirmed';

/** A person's part in a deployment. No question is asked during the trial, but for those of a login that asks again. */
export interface DeployUi extends Prompts {
  /**
   * Shows the step that is being done now.
   * @param inShort title that it shares with similar steps, where single ones are not shown
   */
  readonly step: (title: Phrase, inShort?: Phrase) => void;
  /** Called before the first change that leads to this progress. */
  readonly reached: (progress: Progress) => Promise<void>;
  /**
   * Shows the plan, and asks.
   * @param document the whole plan, in Markdown
   * @param isWayOpen whether the person may still choose another second way in
   * @param summary the same in short
   */
  readonly approve: (document: string, isWayOpen: boolean, summary: string) => Promise<Approval>;
  /**
   * Asks whether to go on in spite of a finding.
   * @param id of the finding: a person who has agreed to everything beforehand may not have meant this
   */
  readonly goOn: (id: string, question: string, detail: string) => Promise<boolean>;
  /** Asks for a second way in; once more when a plan was answered by `another-way`. Undefined when the person cancels. */
  readonly chooseSecondWay: () => Promise<SecondWay | undefined>;
}
