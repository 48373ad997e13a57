/** The style sheet: system fonts, one accent, both colour schemes, paper, and screens from 320 px on. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--panel:#f5f6f8;--line:#dfe3e8;--text:#1b2026;--soft:#56606b;--accent:#2a56c6;--bad:#b3261e;--badpanel:#fdf1ef;--good:#1c7238;--warn:#855700;--wait:#f8e3b0;--waitline:#c08a1e;--held:#dbe6fd;--heldline:#6f94e6;--base:#5d6875;--patched:#2a56c6}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1c2026;--line:#323941;--text:#e7eaee;--soft:#a2acb7;--accent:#8fb2ff;--bad:#ff9a8d;--badpanel:#2f1d1c;--good:#74d391;--warn:#ecbd62;--wait:#453a1f;--waitline:#b58a35;--held:#233352;--heldline:#5c80c7;--base:#a2acb7;--patched:#8fb2ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:76rem;margin:0 auto;padding:0 clamp(1rem,4vw,3rem)}
header{padding-top:clamp(1.25rem,4vw,3rem)}
h1,.h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.35rem);line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:.15em 0 .35em}
h2{font-size:1.4rem;line-height:1.3;margin:0 0 1rem;letter-spacing:-.01em}
h3{font-size:1.05rem;margin:2rem 0 .6rem}
h2+h3{margin-top:0}
h4{font-size:1rem;margin:0;display:inline;font-weight:600}
h5{font-size:.8rem;margin:1.6rem 0 .5rem;color:var(--soft);font-weight:600}
p{margin:.4em 0 .8em;max-width:72ch}
.lede{font-size:1.06rem;max-width:80ch}
.eyebrow,.note,.label,footer{color:var(--soft);font-size:.86rem}
.eyebrow{margin:0}
.label{margin:0 0 .35rem;font-weight:600}
code,pre,.name,.console,.timeline .line{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
code{font-size:.88em}
.name{font-size:.94em;font-weight:600}
table,.num,.count{font-variant-numeric:tabular-nums}
a{color:var(--accent);text-underline-offset:.18em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.4rem .8rem;z-index:2}
nav ul,.plain{list-style:none;padding:0;margin:0}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;padding:.9rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line);margin-top:1.6rem}
section{padding:2.4rem 0 1rem;border-bottom:1px solid var(--line)}
section:last-child{border:0}
footer{padding-bottom:3rem}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.quiet>.sym,.word.quiet{color:var(--soft)}
.word{white-space:nowrap;font-weight:600}
h1 .word,.h1 .word{white-space:normal;font-weight:inherit}
.sym{display:inline-block;min-width:1em;text-align:center}
.card{background:var(--panel);border-radius:10px;padding:1rem 1.2rem;margin:1rem 0 0;max-width:62rem}
.rule-card{border-left:5px solid var(--bad);background:var(--badpanel)}
.rule-text{font-size:clamp(1.05rem,.95rem + .5vw,1.25rem);line-height:1.4;margin:.1rem 0;max-width:none}
.rule-card .note{margin:.1rem 0 .9rem}
.count{color:var(--soft);font-weight:400;font-size:.9em;margin-left:.35em}
details{margin:.6rem 0}
summary{cursor:pointer;padding:.3rem 0}
details.scene{border:1px solid var(--line);border-radius:10px;margin:.6rem 0;background:var(--paper)}
details.scene>summary{padding:.65rem 1rem;border-radius:10px}
details.scene>summary:hover{background:var(--panel)}
details.scene[open]>summary{border-bottom:1px solid var(--line);border-radius:10px 10px 0 0}
.short{display:block;color:var(--soft);font-size:.88rem;margin-left:1.15rem}
details[open]>summary .short{display:none}
.body{padding:.8rem 1rem 1.2rem}
.protects{font-size:1.02rem}
.covers{margin:.2rem 0 1rem}
.covers li{padding-left:.9rem;border-left:3px solid var(--accent);margin:.35rem 0}
.parting{margin:1rem 0;display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
.parting>div{background:var(--panel);padding:.6rem .9rem;flex:1 1 18rem}
.parting>.came{background:var(--badpanel)}
.parting>.whole{flex-basis:100%}
.rule-card .parting{margin:.5rem 0 .2rem}
.rule-card .parting>div{background:var(--paper)}
dt{font-size:.82rem;font-weight:600;color:var(--soft)}
.came dt{color:var(--bad)}.expected dt{color:var(--good)}
dd{margin:0}
.reason{background:var(--badpanel);padding:.6rem .9rem;border-radius:8px;max-width:none}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;margin:.4rem 0}
table{border-collapse:collapse;width:100%;font-size:.88rem;line-height:1.4}
th,td{text-align:left;vertical-align:top;padding:.4rem .7rem;border-bottom:1px solid var(--line);overflow-wrap:normal}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-weight:600;background:var(--panel);white-space:nowrap}
tbody th{font-weight:500}
.num{text-align:right;white-space:nowrap}
.line{display:block}
.scroll:has(.matrix){width:fit-content;max-width:100%}
.matrix{width:auto;min-width:min(100%,34rem)}
.matrix tbody th{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.84rem}
.timeline{font-size:.78rem;width:auto;min-width:100%}
.timeline td,.timeline th{border-right:1px solid var(--line);min-width:7.5rem;max-width:17rem;padding:.35rem .55rem}
.timeline .num{min-width:0;color:var(--soft)}
.timeline th[scope=row]{min-width:11rem}
.timeline tr>*:last-child{border-right:0}
.timeline .idle{background:none}
.timeline .waits,.key.waits{background:var(--wait);box-shadow:inset 4px 0 0 var(--waitline)}
.timeline .held,.key.held{background:var(--held);box-shadow:inset 4px 0 0 var(--heldline)}
.timeline .runs,.timeline .died,.timeline .gone{background:var(--panel)}
.timeline .server{min-width:13rem}
.timeline tr.parted>th,.timeline tr.parted>td.time{background:var(--badpanel)}
.timeline td.here{background:var(--badpanel);box-shadow:inset 0 0 0 2px var(--bad)}
.timeline .parted td{border-bottom-color:var(--bad)}
.flag{color:var(--bad);font-weight:600}
.timeline .note{font-size:inherit}
.key{white-space:nowrap;padding:.1rem .5rem .1rem .7rem;border-radius:3px;color:var(--text)}
.gap td{text-align:center;color:var(--soft);background:var(--panel)}
pre{margin:0;font-size:.8rem;line-height:1.5}
.console{padding:.7rem .9rem;white-space:pre;width:max-content;min-width:100%}
.console mark{background:var(--badpanel);color:var(--bad);font-weight:700}
.console .place{color:var(--text);font-weight:600}
.console .left{color:var(--soft)}
.command{background:var(--panel);border-radius:8px;padding:.7rem .9rem;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:1.4rem}
figure{margin:0;min-width:0}
figcaption{font-weight:600;font-size:.92rem}
figure svg{max-width:100%;height:auto;overflow:visible}
.legend .base{color:var(--base);font-weight:600}.legend .patched{color:var(--patched);font-weight:600;margin:0 1rem}
.strip{letter-spacing:.25em;font-weight:700;white-space:normal}
.facts>div{display:grid;grid-template-columns:11rem 1fr;gap:.2rem 1rem;padding:.45rem 0;border-bottom:1px solid var(--line)}
.facts ol{margin:.2rem 0;padding-left:1.4rem}
@media (max-width:40rem){.facts>div{grid-template-columns:1fr}.body{padding:.6rem .7rem 1rem}details.scene>summary{padding:.6rem .7rem}th,td{padding:.35rem .5rem}}
@media print{details::details-content{display:block;content-visibility:visible}:root{--paper:#fff;--text:#000;--panel:#f5f6f8;--badpanel:#fdf1ef;--soft:#444;--line:#bbb;--bad:#b3261e;--good:#1c7238;--warn:#855700;--wait:#f8e3b0;--held:#dbe6fd}nav,.skip{display:none}.scroll{overflow:visible}details.scene{break-inside:auto}tr,figure,.card{break-inside:avoid}body{font-size:11pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
