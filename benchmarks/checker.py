import json,sys,collections
from pathlib import Path
from edustats.briefing import check
S=Path('/work/shared')
def gold():
    docs={}; rows=[json.loads(l) for l in open(S/'gold/claims.jsonl')]
    tot=hit=0; fi=[];mi=[];miss=[]
    bad_by=collections.defaultdict(list)
    for f in sorted({r['file'] for r in rows}):
        t=(S/'seeds'/f).read_text(); docs[f]=(t,check(t))
    used=set()
    for r in rows:
        t,cs=docs[r['file']]
        line=r['line']; starts=[i for i in range(len(t)) if t.startswith(r['quote'],i)]
        if not starts: print('quote not found',r['id']); continue
        a=starts[0]; b=a+len(r['quote'])
        ov=[c for c in cs if c.start<b and c.end>a]
        want=r['verdict']
        if want!='uncheckable':
            tot+=1
            ok=[c for c in ov if c.verdict==want]
            if ok: hit+=1
            else: miss.append((r['id'],r['kind'],r['verdict'],r['quote'][:60],[(c.kind,c.verdict) for c in ov]))
        if want=='inconsistent':
            for c in ov:
                if c.verdict=='inconsistent': used.add(id(c))
    print('checkable',tot,'found',hit)
    for m in miss: print('  MISS',m)
    for f,(t,cs) in docs.items():
        for c in cs:
            if c.verdict=='inconsistent' and id(c) not in used: print('  FALSE',f[:3],c.quote,c.kind,c.message.zh)
    for f,(t,cs) in docs.items():
        for c in cs: assert t[c.start:c.end]==c.quote
    if '-v' in sys.argv:
        for f,(t,cs) in docs.items():
            for c in cs: print(f[:3],c.verdict,c.kind,repr(c.quote),c.message.zh)
gold()
