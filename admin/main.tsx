import 'virtual:uno.css'
import './ui/tokens.css'
import { render } from 'solid-js/web'
import { Site } from './routes.tsx'

const root = document.getElementById('root')
if (root) render(() => <Site />, root)
