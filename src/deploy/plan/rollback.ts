import { phrase } from '../../base/phrase.ts';
import { ROLLBACK_SCRIPT, SERVICE, TRIAL, UNIT_FOLDER } from '../installed-files.ts';
import { KEEP, type Step, shell } from './step.ts';

/** A file that a deployment writes. */
export interface PlannedFile {
  readonly path: string;
  readonly change: 'new' | 'replaced' | 'unchanged';
}

/*
 * If nobody confirms an upgrade, the server itself rolls back to the previous version, with its ports hidden: the client may be gone,
 * and the server may have rebooted meanwhile. A timer that survives a reboot runs a script that restores the previous files.
 */

const NAME = 'knockgate-rollback';
/** Marker on a file system that is empty after a boot: it exists only in the boot in which the upgrade ran. */
const THIS_BOOT = '/run/knockgate-rollback';
/** Seconds after the end of the trial after which no confirmation can arrive. */
const AFTER_TRIAL_SECONDS = 10;

const SERVICE_TEXT = `[Unit]
Description=knockgate: roll back an upgrade that nobody confirmed

[Service]
Type=oneshot
ExecStart=/bin/sh ${ROLLBACK_SCRIPT}
`;

/** Timer, which begins anew after a boot. */
const timerText = (seconds: number) => `[Unit]
Description=knockgate: deadline for confirming an upgrade

[Timer]
OnActiveSec=${seconds}
AccuracySec=1

[Install]
WantedBy=timers.target
`;

/** Commands that cancel a rollback; harmless where none is scheduled. */
export const CANCEL_ROLLBACK = `systemctl disable --now ${NAME}.timer 2>/dev/null || :
rm -f ${THIS_BOOT} ${ROLLBACK_SCRIPT} ${UNIT_FOLDER}/${NAME}.service ${UNIT_FOLDER}/${NAME}.timer`;

/**
 * Enables the existing ones of the units "$@", one by one: systemctl enables none when one of them is missing, and the previous
 * version may have had fewer. Sets `failed` when one could not be enabled.
 */
export const ENABLE_EACH = `failed=
for unit in "$@"; do
  if test -e "${UNIT_FOLDER}/$unit"; then systemctl enable "$unit" || failed=yes; fi
done`;

/** Script that runs once the trial is over. A confirmation removes the trial's file; so does a boot. */
function scriptText(files: readonly PlannedFile[], units: readonly string[]): string {
  const paths = (change?: PlannedFile['change']) =>
    files.filter((file) => change === undefined || file.change === change).map(({ path }) => path);
  return `if test -e ${TRIAL} || ! test -e ${THIS_BOOT}; then
  echo 'nobody confirmed the upgrade: restoring the previous version'
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
${CANCEL_ROLLBACK}
systemctl daemon-reload
`;
}

/**
 * Schedules the rollback, before the trial begins.
 * @param files all files that the upgrade writes
 * @param units those that are enabled after the rollback
 */
export function scheduleRollback(files: readonly PlannedFile[], units: readonly string[], trialSeconds: number): Step {
  const script = `set -e; umask 022
printf %s "$1" >${ROLLBACK_SCRIPT}; printf %s "$2" >${UNIT_FOLDER}/${NAME}.service; printf %s "$3" >${UNIT_FOLDER}/${NAME}.timer
: >${THIS_BOOT}; systemctl daemon-reload; systemctl enable ${NAME}.timer; systemctl restart ${NAME}.timer`;
  const texts = [scriptText(files, units), SERVICE_TEXT, timerText(trialSeconds + AFTER_TRIAL_SECONDS)];
  return { title: phrase('Schedule the rollback to the previous version'), argv: shell(script, ...texts) };
}

/** Keeps the rollback of an earlier attempt from running in the middle of this one. */
export const HOLD_ROLLBACK: Step = {
  title: phrase('Stop the rollback of an earlier attempt'),
  argv: ['systemctl', 'stop', `${NAME}.timer`],
  undo: ['systemctl', 'start', `${NAME}.timer`],
};
