import { defineConfig, presetIcons, presetWind4 } from 'unocss'

/** Names for the tokens of ui/tokens.css, and the few shapes that every page shares. */
export default defineConfig({
  presets: [
    presetWind4({ preflights: { reset: true } }),
    presetIcons({ scale: 1.1, extraProperties: { 'flex-shrink': '0' } }),
  ],
  content: { pipeline: { include: [/\.tsx?($|\?)/] } },
  theme: {
    colors: {
      canvas: 'var(--canvas)',
      surface: 'var(--surface)',
      sunken: 'var(--sunken)',
      line: 'var(--line)',
      strong: 'var(--line-strong)',
      ink: 'var(--ink)',
      soft: 'var(--ink-soft)',
      faint: 'var(--ink-faint)',
      accent: { DEFAULT: 'var(--accent)', ink: 'var(--on-accent)', wash: 'var(--accent-wash)' },
      good: { DEFAULT: 'var(--good)', wash: 'var(--good-wash)' },
      bad: { DEFAULT: 'var(--bad)', wash: 'var(--bad-wash)' },
      warn: { DEFAULT: 'var(--warn)', wash: 'var(--warn-wash)' },
    },
    font: { sans: 'var(--font-sans)', mono: 'var(--font-mono)' },
  },
  shortcuts: {
    card: 'bg-surface border border-line rounded-xl',
    'card-title': 'text-sm font-600 text-ink',
    btn: 'inline-flex items-center justify-center gap-1.5 min-h-8 px-3 rounded-lg text-sm font-500 whitespace-nowrap border border-strong bg-surface text-ink cursor-pointer hover:bg-sunken disabled:opacity-55 disabled:cursor-not-allowed',
    'btn-primary': 'btn !bg-accent !text-accent-ink !border-transparent hover:!brightness-108',
    'btn-danger': 'btn !text-bad hover:!bg-bad-wash',
    'btn-quiet': 'btn !border-transparent !bg-transparent !text-soft hover:!bg-sunken hover:!text-ink',
    field: 'min-h-8 w-full px-2.5 rounded-lg text-sm border border-strong bg-surface text-ink placeholder:text-faint',
    label: 'block text-xs font-500 text-soft mb-1',
    link: 'text-accent underline underline-offset-3 decoration-accent/35 hover:decoration-accent',
    chip: 'inline-flex items-center gap-1 px-1.5 py-0.25 rounded-md text-xs font-500 whitespace-nowrap align-middle',
    kbd: 'font-mono text-[0.6875rem] leading-none px-1.25 py-0.75 rounded border border-line bg-sunken text-soft',
    th: 'px-3 py-2 text-left text-xs font-500 text-soft whitespace-nowrap',
    td: 'px-3 py-2 text-sm align-middle',
  },
})
