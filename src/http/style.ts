import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

/**
 * The one style sheet: a quiet broadsheet. Warm paper and ink, hairlines instead of boxes, the system's own serif and
 * sans, and one accent, vermilion, that means only "this called you". No web font, no picture.
 */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1b1a17;--soft:#65625b;--hair:#e3e0d8;--field:#f2efe7;--call:#b3261e;--mark:#fde9a8;--good:#2c7a4b;--warn:#8a5a00;
--serif:ui-serif,Charter,"Iowan Old Style",Georgia,"Times New Roman","Songti SC","Noto Serif CJK SC",serif;--sans:system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){:root{--paper:#161513;--ink:#ece8de;--soft:#a09b90;--hair:#2e2b27;--field:#211f1c;--call:#ff8a75;--mark:#5c4a10;--good:#7cc795;--warn:#e2ab4e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 var(--sans);overflow-wrap:anywhere}
a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline;text-underline-offset:.18em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--ink);outline-offset:3px;border-radius:2px}
h1,h2,h3,p,ul,pre{margin:0;padding:0;font-weight:inherit}
ul{list-style:none}
.skip{position:absolute;left:-999px}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.25rem .5rem;z-index:1}
header{border-bottom:1px solid var(--hair)}
header>div,.page{max-width:1084px;margin:0 auto;padding:0 20px}
header>div{display:flex;align-items:center;flex-wrap:wrap;gap:0 24px;min-height:56px}
.brand{font:700 21px/1 var(--serif);letter-spacing:-.01em;display:inline-flex;align-items:center;gap:8px}
.brand:hover{text-decoration:none}
.brand svg{color:var(--call);flex:none}
header form{margin-left:auto;display:flex;flex:0 1 320px;min-width:0}
input{font:inherit;color:inherit;background:var(--field);border:0;border-radius:8px;padding:7px 12px;min-width:0;width:100%;appearance:none}
input::placeholder{color:var(--soft);opacity:1}
input[type=search]::-webkit-search-cancel-button{-webkit-appearance:none}
header button{position:absolute;width:1px;height:1px;padding:0;overflow:hidden;clip-path:inset(50%);border:0}
header form:focus-within button:focus{position:static;width:auto;height:auto;clip-path:none;margin-left:8px;padding:7px 12px;border-radius:8px;background:var(--ink);color:var(--paper);font:inherit}
nav{display:flex;gap:18px;align-self:stretch;color:var(--soft)}
nav a{display:flex;align-items:center;gap:6px;white-space:nowrap;border-bottom:2px solid transparent;border-top:2px solid transparent}
nav a:hover{text-decoration:none;color:var(--ink)}
nav [aria-current]{color:var(--ink);border-bottom-color:var(--ink)}
@media (forced-colors:active){nav a:not([aria-current]){border-color:Canvas}}
.rail{display:none}
.badge{font-size:12px;line-height:17px;min-width:17px;text-align:center;padding:0 5px;border-radius:9px;background:var(--warn);color:var(--paper);font-variant-numeric:tabular-nums}
.page{display:grid;grid-template-columns:minmax(0,726px) minmax(0,272px);justify-content:space-between;gap:0 48px;padding-bottom:72px}
main{padding-top:22px}
.lead{color:var(--soft);font-size:14px;display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;padding-left:68px}
.lead .to{display:flex;flex-wrap:wrap;gap:2px 16px}
.lead b{color:var(--ink);font-weight:600}
.lead a,.more a{flex:none;color:var(--ink);text-decoration:underline;text-decoration-color:var(--hair);text-underline-offset:.25em}
h2{font-size:12.5px;font-weight:600;letter-spacing:.07em;text-transform:uppercase;color:var(--soft);line-height:1.4}
main h2{margin-top:22px;padding:0 0 6px 68px;border-bottom:1px solid var(--hair)}
main section+section h2{margin-top:40px}
article{display:grid;grid-template-columns:52px minmax(0,1fr);gap:0 16px;padding:13px 0 12px;border-bottom:1px solid var(--hair)}
section>article:last-child{border-bottom:0}
time{font-size:13.5px;line-height:26px;color:var(--soft);text-align:right;font-variant-numeric:tabular-nums}
h3{font:700 19px/26px var(--serif);text-wrap:pretty}
h3 a,h3:not(:has(a)){display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:6;overflow:hidden}
h3 a:visited{color:color-mix(in srgb,var(--ink) 72%,var(--paper))}
article>*{grid-column:2}
article>time{grid-column:1}
article>p{color:var(--soft);margin-top:2px;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
article>footer{font-size:13px;margin-top:4px;display:flex;flex-wrap:wrap;gap:0 14px}
b{font-weight:600}
mark{background:var(--mark);color:inherit;border-radius:2px;padding:0 1px;margin:0 -1px;box-decoration-break:clone;-webkit-box-decoration-break:clone}
article>p mark{color:var(--ink)}
.called{color:var(--call);font-weight:600}
.called::before{content:"";display:inline-block;width:7px;height:7px;border-radius:50%;background:currentColor;margin-inline-end:6px;vertical-align:1px}
.also{color:var(--soft)}
.also span,.also summary{white-space:nowrap}
.also details,.also summary{display:inline}
.also summary{cursor:pointer;text-decoration:underline dotted var(--hair);text-underline-offset:.25em}
.also a{text-decoration:underline;text-decoration-color:var(--hair);text-underline-offset:.25em}
.also a:hover{text-decoration-color:currentColor}
.more{margin-top:24px;padding-left:68px;display:flex;gap:24px;font-size:14px;color:var(--soft)}
aside{padding:24px 0;font-size:14px;color:var(--soft);position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto}
aside section+section{margin-top:36px}
aside h2{padding-bottom:6px;display:flex;justify-content:space-between}
aside h2 .act{font-weight:400;letter-spacing:0;text-transform:none;font-size:13px;line-height:inherit}
aside section>p:not(.address) a{color:var(--ink);text-decoration:underline;text-decoration-color:var(--hair);text-underline-offset:.25em}
#watch pre+p{padding-top:8px}
aside ul{border-top:1px solid var(--hair)}
aside li{display:flex;justify-content:space-between;gap:16px;padding:7px 0;border-bottom:1px solid var(--hair);font-variant-numeric:tabular-nums}
aside li:last-child{border-bottom:0}
aside li>:first-child{color:var(--ink);font-size:14.5px}
aside li>span+span,aside li>a+span{font-size:13px;line-height:22px;text-align:right}
aside li.bad{display:block}
aside li.bad span{display:block;color:var(--warn);font-size:13px}
aside .good:first-child{color:var(--good)}
aside .warn:first-child{color:var(--warn)}
aside section>p{border-top:1px solid var(--hair);padding-top:8px}
aside ul+p,aside pre+p,aside p+p{border-top:0;padding-top:4px}
code,pre,.address input{font:12.5px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--field);color:var(--ink);border-radius:8px;padding:8px 12px;margin-top:8px;white-space:pre-wrap}
code{color:var(--ink)}
.address{display:flex;align-items:center;background:var(--field);border-radius:8px;border-top:0;padding:5px}
aside section>p.address{border-top:0;padding:5px}
.address input{text-overflow:ellipsis;padding:4px 6px;background:none}
.address a{flex:none;color:var(--ink);font-weight:600;font-size:13.5px;border:1px solid var(--hair);border-radius:6px;padding:4px 12px;background:var(--paper)}
.empty,.lost{padding:4px 0 0 68px}
.said{border-left:2px solid var(--warn);padding-left:14px;margin:14px 0 26px}
.empty .said p:first-child{color:var(--ink)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 24px;margin:0;font-size:14px;color:var(--soft)}
dt a{color:var(--ink);border-bottom:1px solid var(--hair)}
dd{margin:0}
.empty h1,.lost h1{font:700 26px/1.3 var(--serif);margin:18px 0 8px}
.empty p,.lost p{color:var(--soft)}
.empty pre{max-width:560px;font-size:13.5px;margin:8px 0 18px}
.empty pre:has(+pre){margin-bottom:0}
.lost a,.empty p a{color:var(--ink);text-decoration:underline;text-underline-offset:.25em}
.lost p+p{margin-top:16px}
.note{color:var(--soft);font-size:14px;margin-top:18px}
.ask{background:var(--field);border-radius:12px;padding:16px;margin-top:18px}
.ask p:first-child{display:flex;gap:8px}
.ask p+p{margin-top:10px;color:var(--soft)}
.ask b{color:var(--ink)}
.ask input{background:var(--paper);font-size:16px}
.figures{grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:20px 16px;margin:24px 0 0}
.figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end;border-left:2px solid var(--hair);padding-left:12px}
.figures dt{font-size:13px;line-height:1.45;text-wrap:balance}
.figures dd{font:700 22px/1.25 var(--serif);color:var(--ink);font-variant-numeric:tabular-nums}
.try{margin:0 auto}
.try section h2{margin-top:14px}
.try section+section h2{margin-top:24px}
.try .save{margin-top:40px}
.try .save h2{padding-left:0;margin-bottom:12px}
.try .save .list{border-top:0;margin-top:-12px}
.save p{color:var(--soft);font-size:14px}
.save pre{font-size:13.5px}
.save pre+p{margin-top:16px}
.save a,.said a{color:var(--ink);text-decoration:underline;text-decoration-color:var(--hair);text-underline-offset:.25em}
.ask~dl:not(.figures){margin-top:22px}
.wide{display:block}
.wide .lead,.wide .more,.wide .empty,.narrow .lead{padding-left:0}
.wide main,main.narrow{padding-top:28px}
.narrow{max-width:726px}
h1{font:700 28px/1.25 var(--serif);letter-spacing:-.01em}
.head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:flex-start;gap:12px 32px;margin-bottom:8px}
.add{display:flex;gap:8px;flex:0 1 500px;min-width:0}
main button,aside button{font:inherit;font-size:14px;font-weight:600;line-height:21px;padding:7px 14px;border:0;border-radius:8px;background:var(--ink);color:var(--paper);cursor:pointer;white-space:nowrap;flex:none}
main button.plain,aside button.plain{background:none;color:var(--ink);box-shadow:inset 0 0 0 1px var(--hair)}
button:hover{opacity:.86}
[aria-invalid]{box-shadow:inset 0 0 0 1.5px var(--warn)}
.wide .said,.narrow .said{margin:12px 0;font-size:14.5px}
.wide .said.good{border-left-color:var(--good)}
.said p+p{color:var(--soft);margin-top:2px}
.ways{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px;margin:14px 0 18px;color:var(--soft);font-size:14px}
.lead+.lead{margin-top:4px}
.ask+.lead{margin-top:12px}
.wide .lead a,.ways a{color:var(--ink);text-decoration:underline;text-decoration-color:var(--hair);text-underline-offset:.25em}
small{display:block;font-size:13px;line-height:19px;color:var(--soft)}
table{width:100%;border-collapse:collapse;table-layout:fixed;margin-top:18px;font-variant-numeric:tabular-nums;font-size:14.5px}
th{font-size:12.5px;font-weight:600;letter-spacing:.02em;color:var(--soft);text-align:left;padding:0 24px 6px 0}
td{vertical-align:top;padding:9px 24px 10px 0;border-top:1px solid var(--hair);line-height:22px}
th:nth-child(1){width:33%}
th:nth-child(3){width:15%}
th:nth-child(4){width:13%}
.n{text-align:right;padding-right:0}
.unit{display:none}
td a{font-weight:600;display:block}
td .good{color:var(--good)}
td .warn{color:var(--warn)}
td .quiet{color:var(--soft);font-weight:400}
.new td{background:var(--field)}
.new td:first-child{box-shadow:-12px 0 var(--field)}
.new td:last-child{box-shadow:12px 0 var(--field)}
.list{border-top:1px solid var(--hair);margin:14px 0 18px}
.list li{display:flex;justify-content:space-between;align-items:center;gap:12px 20px;padding:10px 0;border-bottom:1px solid var(--hair)}
.list a{display:block}
.list a,.list b{font:700 17px/24px var(--serif)}
.list div{min-width:0}
.list .good{flex:none;color:var(--good)}
.list time{flex:none;align-self:flex-start;line-height:22px}
.rules label{display:block;margin-top:10px}
.rules label span{display:block;font-weight:600;font-size:13px;color:var(--ink);margin-bottom:3px}
.rules input{font:12.5px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.rules>p{border-top:1px solid var(--hair);padding-top:8px}
.rules button{margin-top:18px}
@media (max-width:940px){
.page{display:block;max-width:766px}
header>div{max-width:766px}
aside{border-top:1px solid var(--hair);margin-top:40px;position:static;max-height:none}
main.narrow+aside{margin-top:20px}
header form{flex:1 1 160px;max-width:320px}
.rail{display:flex}
}
@media (max-width:700px){
header>div{gap:0 16px;padding-top:10px}
header form{flex:1 1 0;max-width:none}
nav{order:1;flex-basis:100%;gap:20px;font-size:14.5px;overflow-x:auto}
nav a{padding:6px 0 5px;border-top:0}
}
@media (max-width:600px){
.wide main,main.narrow{padding-top:18px}
h1{font-size:25px}
.add{flex:1 1 100%}
table,tbody,tr,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-top:1px solid var(--hair);padding:11px 0;display:flex;flex-wrap:wrap;gap:3px 14px}
td{border:0;padding:0;flex:1 1 100%}
td:nth-child(n+3){flex:0 1 auto;font-size:13px;line-height:19px;color:var(--soft)}
td:nth-child(3)::before{content:"polled "}
td:nth-child(n+3) small{display:inline}
td:nth-child(3) small::before,.n small::before{content:", "}
.n{text-align:left}
.unit{display:inline}
.new{background:var(--field);margin:0 -12px;padding-left:12px;padding-right:12px}
.new td,.new td:first-child,.new td:last-child{background:none;box-shadow:none}
main{padding-top:12px}
main h2,.lead,.more,.empty,.lost{padding-left:0}
.figures{grid-template-columns:repeat(2,minmax(0,1fr))}
article{display:block;padding:14px 0 13px}
time{text-align:left;font-size:13px;line-height:20px;display:block}
h3{line-height:25px}
article>footer{margin-top:5px}
}
@media (max-width:359px){nav{gap:12px;font-size:13px}}
@media print{header form,nav,aside,.more{display:none}.page{display:block}}
`.replaceAll('\n', '')

/** Names this version of the style sheet in its address, so that browsers may keep it for ever. */
export const STYLE_VERSION = createHash('sha256').update(STYLE).digest('hex').slice(0, 12)

const HORN_PATHS =
  '<path d="M1.5 7v4h3l5 4.2V2.8L4.5 7z" fill="currentColor"/><path d="M12 6.3a3.8 3.8 0 0 1 0 5.4M14.1 3.9a7.2 7.2 0 0 1 0 10.2" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>'

/** The crier's horn, beside the name. */
export const HORN = html`${raw(`<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">${HORN_PATHS}</svg>`)}`

export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18"><g color="#b3261e">${HORN_PATHS}</g></svg>`
