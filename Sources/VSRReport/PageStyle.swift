/// The page's style sheet: light and dark, from phones to wide screens.
enum PageStyle {
    static let css = """

        :root {
          --page: #f6f7f9; --card: #ffffff; --text: #1b1f27; --muted: #5c6675; --line: #dfe3ea;
          --accent: #0b66c3; --tint: #e8f1fb;
          --c0: #0b66c3; --c1: #d9601a; --c2: #12805c; --c3: #8a3fb5; --c4: #b3860b; --c5: #6b7280;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #101318; --card: #191d24; --text: #e8ebf0; --muted: #9aa4b3; --line: #2d333d;
            --accent: #69b1ff; --tint: #1a2b40;
            --c0: #69b1ff; --c1: #ff9d5c; --c2: #4fd1a1; --c3: #c99bf2; --c4: #e6c04f;
            --c5: #a3adba;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--text);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        main { max-width: 1120px; margin: 0 auto; padding: 32px 16px 64px; }
        h1 { font-size: clamp(1.6rem, 4vw, 2.4rem); line-height: 1.15; margin: 0 0 12px; }
        h2 { font-size: 1.15rem; margin: 0 0 14px; }
        .summary { margin: 0; color: var(--muted); font-size: 1.08rem; max-width: 70ch; }
        section, figure {
          background: var(--card); border: 1px solid var(--line); border-radius: 14px;
          padding: 20px; margin: 20px 0 0;
        }
        .highlights {
          display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        }
        .highlights strong {
          display: block; font-size: 2rem; line-height: 1.15; color: var(--accent);
          font-variant-numeric: tabular-nums;
        }
        .highlights span { color: var(--muted); font-size: .92rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td {
          padding: 9px 12px; border-bottom: 1px solid var(--line); text-align: right;
          vertical-align: top; white-space: nowrap;
        }
        thead th { color: var(--muted); font-size: .82rem; font-weight: 600; }
        thead th[colspan] { text-align: center; }
        th.sub { padding-top: 0; font-weight: 400; }
        thead th:first-child:not(.sub), th[scope] { text-align: left; }
        th[scope] { font-weight: 600; }
        th span, td span {
          display: block; color: var(--muted); font-size: .8rem; font-weight: 400;
        }
        th[scope] span { white-space: normal; min-width: 15ch; }
        tbody tr:last-child > * { border-bottom: 0; }
        .emphasis > * { background: var(--tint); }
        .emphasis > :first-child { box-shadow: inset 3px 0 var(--accent); }
        .charts {
          display: grid; gap: 20px; padding: 0; border: 0; background: none;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr));
        }
        figure { margin: 0; }
        figcaption { font-weight: 600; margin-bottom: 8px; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--muted); font-size: 15px; }
        svg .name { fill: var(--text); font-weight: 600; }
        svg .grid { stroke: var(--line); }
        svg polyline {
          fill: none; stroke: var(--color); stroke-width: 2.5; stroke-linejoin: round;
        }
        svg circle, svg rect { fill: var(--color); }
        .legend {
          display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 8px; padding: 0;
          list-style: none; font-size: .9rem; color: var(--muted);
        }
        .legend li::before {
          content: ""; display: inline-block; width: 12px; height: 12px; border-radius: 3px;
          margin-right: 7px; background: var(--color);
        }
        .c0 { --color: var(--c0); } .c1 { --color: var(--c1); } .c2 { --color: var(--c2); }
        .c3 { --color: var(--c3); } .c4 { --color: var(--c4); } .c5 { --color: var(--c5); }
        .chooser { display: flex; justify-content: space-between; gap: 12px; margin-bottom: 10px; }
        select {
          font: inherit; color: inherit; background: var(--card); padding: 5px 10px;
          border: 1px solid var(--line); border-radius: 8px; max-width: 48%;
        }
        .frame {
          --split: 50%; position: relative; overflow: hidden; border-radius: 10px;
          background: var(--line); touch-action: pan-y;
        }
        .frame img { display: none; width: 100%; }
        .frame img.on-left { display: block; }
        .frame img.on-right {
          display: block; position: absolute; inset: 0; height: 100%;
          clip-path: inset(0 0 0 var(--split));
        }
        .frame img.on-left.on-right { position: static; clip-path: none; }
        .frame input {
          position: absolute; inset: 0; z-index: 2; width: 100%; height: 100%; margin: 0;
          opacity: 0; cursor: ew-resize;
        }
        .handle {
          position: absolute; top: 0; bottom: 0; left: var(--split); z-index: 1; width: 2px;
          margin-left: -1px; background: #fff; box-shadow: 0 0 4px rgba(0, 0, 0, .6);
        }
        .handle::after {
          content: "↔"; position: absolute; top: 50%; left: 50%; width: 34px; height: 34px;
          transform: translate(-50%, -50%); border-radius: 50%; background: #fff; color: #1b1f27;
          text-align: center; line-height: 34px; box-shadow: 0 1px 5px rgba(0, 0, 0, .5);
        }
        .frame input:focus-visible ~ .handle { background: var(--accent); width: 4px; }
        dl { display: grid; grid-template-columns: auto 1fr; gap: 6px 20px; margin: 0; }
        dt { color: var(--muted); }
        dd { margin: 0; overflow-wrap: anywhere; }

        """
}
