/** The live page: empty until its script has heard of the builds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_STYLE } from '../story/page-style.ts';

/** Runs in the browser, and is checked as such (tsconfig.pages.json). */
const VIEW_SCRIPT = readFileSync(join(import.meta.dirname, 'live-page.js'), 'utf8');

export const viewPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ingot</title>
<style nonce="${nonce}">${PAGE_STYLE}${VIEW_STYLE}</style>
</head>
<body>
<header><h1>Ingot</h1><p class="outcome" id="state" role="status">connects…</p></header>
<main id="builds"></main>
<template id="build">
<section class="build">
<h2></h2>
<p class="outcome"></p>
<pre class="error" hidden></pre>
<table class="timeline"></table>
<figure class="screen" hidden><pre aria-label="the machine’s console"></pre><figcaption></figcaption></figure>
<details open><summary>Log</summary><div class="log" tabindex="0"></div></details>
</section>
</template>
<script nonce="${nonce}">${VIEW_SCRIPT}</script>
</body>
</html>
`;

/**
 * The console has 80 columns and keeps them: on a phone it is smaller instead of broken. The log's lines are laid out at
 * once, since it follows its end: those of a finished run have no height until they are seen.
 */
const VIEW_STYLE = `
.error { border-left: 4px solid var(--bad); margin-bottom: 1rem; }
.timeline td.detail { width: auto; opacity: .85; overflow-wrap: anywhere; }
.running th, .running td { font-weight: 600; }
.failed td { color: var(--bad); }
.screen { margin: 1rem 0; max-width: 46rem; }
.screen pre { border: 1px solid var(--line); background: #111; color: #ddd; white-space: pre; overflow-x: auto; line-height: 1.25; font-size: min(.85rem, calc((100vw - 4.2rem) / 49)); min-height: 32em; }
.log { height: 20rem; }
.log div { content-visibility: visible; }
details { margin-top: 1rem; }
`;
