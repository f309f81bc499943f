"""The approve page's words, English and Chinese, and how it writes money."""

from typing import Any

from localcloud.sandbox.paypal.amounts import Amount

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "lang": "en",
        "title": "PayPal sandbox",
        "skip": "Skip to payment",
        "test_mode": "Test mode",
        "test_note": "Nothing here is real: nobody logs in and no money moves.",
        "back": "Cancel and go back to the shop",
        "pay_to": "You are paying",
        "due": "Total due",
        "quantity": "Qty {n}",
        "reference": "Invoice",
        "account": "PayPal account",
        "pay": "Pay {amount}",
        "pay_note": "You agree to the payment. The shop takes the money when it hears of it.",
        "try": "Or see what can go wrong",
        "decline": "Decline the card behind it",
        "decline_note": "You agree, and the shop finds that no money can be taken.",
        "hold": "Hold the money for a review",
        "hold_note": "The shop takes it, and it does not arrive until someone decides.",
        "lose": "Lose the notification",
        "lose_note": "You agree, and the shop is never told. It has to ask.",
        "expire": "Let it expire",
        "expire_note": "The order ends at once, unpaid.",
        "done_head": "You have agreed to this payment",
        "done_note": "Nothing more to do here.",
        "continue": "Continue to the shop",
        "over_head": "This order has ended",
        "over_note": "Nothing was charged. Go back to the shop to start again.",
        "unknown_head": "There is no such order",
        "unknown_note": "The link may be incomplete, or the sandbox was reset.",
        "overview": "Open the sandbox's overview",
    },
    "zh": {
        "lang": "zh-CN",
        "title": "PayPal 沙盒",
        "skip": "跳到付款",
        "test_mode": "测试模式",
        "test_note": "这里的一切都不是真的：不用登录，也不会扣款。",
        "back": "取消并返回商店",
        "pay_to": "收款方",
        "due": "应付总额",
        "quantity": "数量 {n}",
        "reference": "发票号",
        "account": "PayPal 账户",
        "pay": "支付 {amount}",
        "pay_note": "您同意付款，商店得知后才会收款。",
        "try": "或者看看哪里会出错",
        "decline": "拒绝账户里的银行卡",
        "decline_note": "您已同意，但商店收不到款。",
        "hold": "款项待审核",
        "hold_note": "商店已收款，但要等审核后才会到账。",
        "lose": "丢失通知",
        "lose_note": "您已同意，但商店收不到通知，只能自己查询。",
        "expire": "让订单过期",
        "expire_note": "订单立即结束，没有付款。",
        "done_head": "您已同意这笔付款",
        "done_note": "这里没有其他操作了。",
        "continue": "继续前往商店",
        "over_head": "订单已结束",
        "over_note": "没有扣款。请返回商店重新下单。",
        "unknown_head": "没有这个订单",
        "unknown_note": "链接可能不完整，或者沙盒已被重置。",
        "overview": "打开沙盒总览",
    },
}
SYMBOLS = {
    "en": {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "HKD": "HK$"},
    "zh": {"USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "CNY": "¥", "HKD": "HK$"},
}


def language(locale: str | None, accepted: str | None) -> str:
    """`en` or `zh`: what the order asks for, else what the browser prefers."""
    first = (locale or accepted or "").partition(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def money(amount: Amount, lang: str = "en") -> str:
    """`{"currency_code": "USD", "value": "1234.50"}` → `$1,234.50`."""
    currency, (whole, dot, part) = amount["currency_code"], amount["value"].partition(".")
    number = f"{int(whole or 0):,}{dot}{part}"
    symbol = SYMBOLS[lang].get(currency)
    return f"{symbol}{number}" if symbol else f"{currency} {number}"


def words(lang: str) -> dict[str, Any]:
    """The page's texts and its formatter."""
    return {"t": TEXTS[lang], "money": lambda amount: money(amount, lang)}
