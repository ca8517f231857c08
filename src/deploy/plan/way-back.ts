import { phrase } from '../../base/phrase.ts';
import { SERVICE, TRIAL, UNIT_FOLDER, WAY_BACK } from '../installed-files.ts';
import { KEEP, type Step, shell } from './step.ts';

/** A file that a deployment writes. */
export interface PlannedFile {
  readonly path: string;
  readonly change: 'new' | 'replaced' | 'unchanged';
}

/**
 * An upgrade that nobody confirms goes back to the version that was in force before, closed and knockable, by the host itself:
 * the client may be gone, and the host may have booted meanwhile. A timer that outlives a boot runs a script that puts the
 * files back.
 */

const NAME = 'knockgate-way-back';
/** On a file system that a boot empties: says that this boot is the one of the upgrade. */
const THIS_BOOT = '/run/knockgate-way-back';
/** Seconds after the end of the trial: no confirmation comes through any more. */
const AFTER_TRIAL_SECONDS = 10;

const SERVICE_TEXT = `[Unit]
Description=knockgate: back to the version before an upgrade that nobody confirmed

[Service]
Type=oneshot
ExecStart=/bin/sh ${WAY_BACK}
`;

/** After a boot it counts from that on. */
const timerText = (seconds: number) => `[Unit]
Description=knockgate: until when an upgrade has to be confirmed

[Timer]
OnActiveSec=${seconds}
AccuracySec=1

[Install]
WantedBy=timers.target
`;

/** The commands that close the way back; harmless where there is none. */
export const CLOSE_WAY_BACK = `systemctl disable --now ${NAME}.timer 2>/dev/null || :
rm -f ${THIS_BOOT} ${WAY_BACK} ${UNIT_FOLDER}/${NAME}.service ${UNIT_FOLDER}/${NAME}.timer`;

/**
 * Enables those of the units "$@" that are there, each by itself: systemctl enables none of several when one of them is missing,
 * and the version before may have had fewer. Sets `failed` when one could not be enabled.
 */
export const ENABLE_EACH = `failed=
for unit in "$@"; do
  if test -e "${UNIT_FOLDER}/$unit"; then systemctl enable "$unit" || failed=yes; fi
done`;

/** Run once the trial is over: a confirmation has taken its file away. A boot takes it away as well. */
function scriptText(files: readonly PlannedFile[], units: readonly string[]): string {
  const paths = (change?: PlannedFile['change']) =>
    files.filter((file) => change === undefined || file.change === change).map(({ path }) => path);
  return `if test -e ${TRIAL} || ! test -e ${THIS_BOOT}; then
  echo 'nobody confirmed the upgrade: the version before it comes back'
  rm -f ${[TRIAL, ...paths('new')].join(' ')}
  for file in ${paths().join(' ')}; do
    if test -e "$file${KEEP}"; then mv -f "$file${KEEP}" "$file"; fi
  done
  systemctl daemon-reload
  systemctl restart ${SERVICE}
else
  for file in ${paths().join(' ')}; do rm -f "$file${KEEP}"; done
fi
set -- ${units.join(' ')}
${ENABLE_EACH}
${CLOSE_WAY_BACK}
systemctl daemon-reload
`;
}

/**
 * Opens the way back, before the trial begins. It is taken back with the upgrade, at the very end.
 * @param files all that the upgrade puts there
 * @param units those that are enabled when it is over
 */
export function openWayBack(files: readonly PlannedFile[], units: readonly string[], trialSeconds: number): Step {
  const script = `set -e; umask 022
printf %s "$1" >${WAY_BACK}; printf %s "$2" >${UNIT_FOLDER}/${NAME}.service; printf %s "$3" >${UNIT_FOLDER}/${NAME}.timer
: >${THIS_BOOT}; systemctl daemon-reload; systemctl enable ${NAME}.timer; systemctl restart ${NAME}.timer`;
  const texts = [scriptText(files, units), SERVICE_TEXT, timerText(trialSeconds + AFTER_TRIAL_SECONDS)];
  return { title: phrase('Let the host go back by itself unless confirmed'), argv: shell(script, ...texts) };
}

/** Keeps the way back of an earlier attempt from being taken in the middle of this one. */
export const HOLD_WAY_BACK: Step = {
  title: phrase('Stop the way back of an earlier attempt'),
  argv: ['systemctl', 'stop', `${NAME}.timer`],
  undo: ['systemctl', 'start', `${NAME}.timer`],
};
