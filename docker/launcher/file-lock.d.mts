export interface LockOptions {
  onWait?: (seconds: number, pid: number | 'unnamed') => void
  signal?: AbortSignal
}

export function withFileLock<T>(
  path: string,
  work: (lock: { addHolder(pid: number): void }) => Promise<T> | T,
  options?: LockOptions,
): Promise<T>
