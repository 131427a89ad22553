/** Names, keys and tokens that may stand in the configuration file only once. */
import type { Problem } from '../words/problem.ts'

/** Works on the file as it was written, so that one wrong value does not hide a name that is there twice. */
export function reportDuplicates(raw: unknown, problems: Problem[]): void {
  const texts = (list: string, member: string): unknown[] => {
    const entries: unknown = (raw as Record<string, unknown> | null)?.[list]
    return Array.isArray(entries) ? entries.map((entry: Record<string, unknown> | null) => entry?.[member]) : []
  }
  const report = (list: string, member: string, reserved?: { value: string; message: string }): void => {
    const values = texts(list, member)
    values.forEach((value, index) => {
      const first = values.indexOf(value)
      if (value && first < index)
        problems.push({ path: `${list}[${index}].${member}`, message: `is the same as ${list}[${first}].${member}` })
      if (reserved && value === reserved.value)
        problems.push({ path: `${list}[${index}].${member}`, message: reserved.message })
    })
  }
  report('providers', 'name', { value: 'sim', message: 'sim is the built-in simulation; choose another name' })
  report('models', 'name')
  report('keys', 'name')
  report('keys', 'key')
  report('admins', 'name', {
    value: 'admin',
    message: 'admin is the person behind SINEW_ADMIN_TOKEN; choose another name',
  })
  report('admins', 'token')
}
