export interface InstallOptions {
  print: (line: string) => void
  npm?: string[]
  signal?: AbortSignal
}

export function findPinnedNode(root: string): string | null
export function findInstallReason(root: string): string | null
export function ensureInstalled(root: string, options: InstallOptions): Promise<void>
