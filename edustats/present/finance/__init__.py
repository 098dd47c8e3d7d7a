"""How is a county's money said, drawn and tabled: the yearly bulletin, the rules, equity, pay, quotas and aid?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bulletin": ["show_finance_bulletin", "show_finance_chart"],
        "equity": ["show_finance_equity"],
        "pay": ["show_pay_parity"],
        "quotas": ["show_school_quotas", "show_student_aid"],
        "rules": ["show_finance_rules"],
    },
)
