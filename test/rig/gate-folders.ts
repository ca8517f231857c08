/** Environment that leads the daemon, and the commands that ask it, to folders of a test. */
export function gateFolders(state: string, runtime: string): NodeJS.ProcessEnv {
  const daemon = { STATE_DIRECTORY: state, RUNTIME_DIRECTORY: runtime };
  return { ...daemon, KNOCKGATE_STATE_DIRECTORY: state, KNOCKGATE_RUNTIME_DIRECTORY: runtime };
}
