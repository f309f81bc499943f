"""The hosted page's words, English and Chinese, and how it writes money and time."""

import time
from typing import Any

from localcloud.sandbox.stripe.amounts import decimals, plain

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "lang": "en",
        "title": "Sandbox checkout",
        "skip": "Skip to payment",
        "test_mode": "Test mode",
        "test_note": "Nothing here is real: no card is asked for and no money moves.",
        "back": "Back to the shop",
        "pay_to": "You are paying",
        "due": "Total due",
        "quantity": "Qty {n}",
        "each": "{amount} each",
        "every_day": "for {n} day(s), then again",
        "every_week": "for {n} week(s), then again",
        "every_month": "for {n} month(s), then again",
        "every_year": "for {n} year(s), then again",
        "reference": "Reference",
        "ends": "This page is valid until {time} (another {left}).",
        "contact": "Contact",
        "email": "E-mail",
        "email_hint": "Your receipt goes here.",
        "email_wrong": "Enter an e-mail address, for example name@example.com.",
        "method": "Payment method",
        "card": "Test card",
        "card_name": "Pat Example",
        "pay": "Pay {amount}",
        "free": "Complete the order",
        "declined": "The card was declined. Nothing was charged; you can try again.",
        "try": "Or see what can go wrong",
        "fail": "Decline the card",
        "fail_note": "The payment fails and this page stays open.",
        "twice": "Click Pay twice",
        "twice_note": "Two clicks race. One charge, and two notifications reach the shop.",
        "late": "Notify the shop late",
        "late_note": "Charged now. The shop hears of it only after a while.",
        "delay": "Delay",
        "seconds": "{n} seconds",
        "minutes": "{n} minutes",
        "minute": "1 minute",
        "hours": "{n} hours",
        "hour": "1 hour",
        "lose": "Lose the notification",
        "lose_note": "Charged now. The shop is never told and has to ask.",
        "expire": "Let it expire",
        "expire_note": "The session ends at once, unpaid.",
        "close": "Leave unpaid",
        "close_note": "Go back to the shop; the session stays open until its end.",
        "close_tab": "Simply close this tab; the session stays open until its end.",
        "paid_head": "This order is paid",
        "paid_note": "Nothing more to do here.",
        "continue": "Continue to the shop",
        "expired_head": "This session has ended",
        "expired_note": "Nothing was charged. Go back to the shop to start again.",
        "unknown_head": "There is no such session",
        "unknown_note": "The link may be incomplete, or the sandbox was reset.",
        "overview": "Open the sandbox's overview",
    },
    "zh": {
        "lang": "zh-CN",
        "title": "沙盒收银台",
        "skip": "跳到付款",
        "test_mode": "测试模式",
        "test_note": "这里的一切都是模拟：不需要银行卡，也不会真正扣款。",
        "back": "返回商店",
        "pay_to": "您正在支付",
        "due": "应付总额",
        "quantity": "数量 {n}",
        "each": "单价 {amount}",
        "every_day": "每 {n} 天自动续订",
        "every_week": "每 {n} 周自动续订",
        "every_month": "每 {n} 个月自动续订",
        "every_year": "每 {n} 年自动续订",
        "reference": "参考号",
        "ends": "本页有效期至 {time}（还剩 {left}）。",
        "contact": "联系方式",
        "email": "电子邮箱",
        "email_hint": "收据将发送到此邮箱。",
        "email_wrong": "请输入电子邮箱，例如 name@example.com。",
        "method": "付款方式",
        "card": "测试卡",
        "card_name": "Pat Example",
        "pay": "支付 {amount}",
        "free": "完成订单",
        "declined": "银行卡被拒绝，没有扣款，您可以重试。",
        "try": "或者试试各种意外情况",
        "fail": "拒绝该卡",
        "fail_note": "付款失败，本页保持打开。",
        "twice": "连点两次支付",
        "twice_note": "两次点击同时到达：只扣款一次，商店会收到两个通知。",
        "late": "延迟通知商店",
        "late_note": "立即扣款，商店过一会儿才会知道。",
        "delay": "延迟",
        "seconds": "{n} 秒",
        "minutes": "{n} 分钟",
        "minute": "1 分钟",
        "hours": "{n} 小时",
        "hour": "1 小时",
        "lose": "丢失通知",
        "lose_note": "立即扣款，但商店收不到通知，只能自己查询。",
        "expire": "让会话过期",
        "expire_note": "会话立即结束，没有付款。",
        "close": "不付款离开",
        "close_note": "返回商店；会话在到期前仍然有效。",
        "close_tab": "直接关闭此标签页即可；会话在到期前仍然有效。",
        "paid_head": "订单已付款",
        "paid_note": "这里没有其他操作了。",
        "continue": "继续前往商店",
        "expired_head": "会话已结束",
        "expired_note": "没有扣款。请返回商店重新下单。",
        "unknown_head": "没有这个会话",
        "unknown_note": "链接可能不完整，或者沙盒已被重置。",
        "overview": "打开沙盒总览",
    },
}
SYMBOLS = {
    "en": {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cny": "CN¥", "krw": "₩", "hkd": "HK$"},
    "zh": {"usd": "US$", "eur": "€", "gbp": "£", "jpy": "JP¥", "cny": "¥", "krw": "₩",
           "hkd": "HK$"},
}  # fmt: skip
DELAYS = (10, 60, 300, 1800)


def language(locale: str | None, accepted: str | None) -> str:
    """`en` or `zh`: what the session asks for, else what the browser prefers."""
    if locale and locale != "auto":
        return "zh" if locale.startswith("zh") else "en"
    first = (accepted or "").partition(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def money(amount: int, currency: str, lang: str = "en") -> str:
    """`(123456, "usd")` → `$1,234.56`; no decimals where the currency has none."""
    symbol = SYMBOLS[lang].get(currency)
    whole, dot, part = plain(amount, currency).partition(".")
    number = f"{int(whole):,}{dot}{part}" if decimals(currency) else f"{int(whole):,}"
    return f"{symbol}{number}" if symbol else f"{currency.upper()} {number}"


def delays(lang: str) -> list[tuple[int, str]]:
    """The choices of "pay late": milliseconds and words."""
    return [(seconds * 1000, duration(seconds, lang)) for seconds in DELAYS]


def duration(seconds: int, lang: str) -> str:
    """Seconds below a minute, minutes below an hour, else hours; rounded to the nearest."""
    words = TEXTS[lang]
    if seconds < 60:
        return words["seconds"].format(n=seconds)
    unit, size = ("minute", 60) if seconds < 3570 else ("hour", 3600)
    count = max(1, round(seconds / size))
    return words[unit] if count == 1 else words[f"{unit}s"].format(n=count)


def ending(expires_at: int, lang: str) -> str:
    """When the page stops to be valid, in words."""
    left = max(0, expires_at - int(time.time()))
    clock = time.strftime("%H:%M", time.localtime(expires_at))
    return TEXTS[lang]["ends"].format(time=clock, left=duration(left, lang))


def words(lang: str) -> dict[str, Any]:
    """The page's texts and its formatter."""
    return {"t": TEXTS[lang], "money": lambda amount, currency: money(amount, currency, lang)}
