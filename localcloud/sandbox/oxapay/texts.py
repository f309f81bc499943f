"""The pay page's words, English and Chinese; what it shares with the card page is taken from it."""

from typing import Any

from localcloud.sandbox.stripe import texts

SHARED = ("lang", "skip", "test_mode", "back", "pay_to", "reference", "try", "lose", "overview")

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Sandbox coin payment",
        "test_note": "Nothing here is real: no wallet is opened and no coin moves.",
        "send": "Send coins",
        "coin": "{coin} on {network}",
        "wallet": "Test wallet",
        "pay": "Pay {amount}",
        "paying": "Send, do not confirm",
        "paying_note": "The coins are seen and the shop hears of it; they wait to be confirmed.",
        "underpay": "Send half of it",
        "underpay_note": "Too little comes in. The shop is not told of it and has to ask.",
        "overpay": "Send a tenth more",
        "overpay_note": "The invoice is paid; what is too much stays with the shop.",
        "lose_note": "Paid now. The shop is never told and has to ask.",
        "expire": "Let it expire",
        "expire_note": "The invoice ends at once, unpaid. The shop is not told.",
        "close": "Cancel",
        "close_note": "Go back to the shop; the invoice stays open until its end.",
        "close_tab": "Simply close this tab; the invoice stays open until its end.",
        "continue": "Continue to the shop",
        "paying_head": "Your coins are on their way",
        "paying_ended_note": "They are seen on the chain and wait to be confirmed.",
        "confirm": "Confirm them",
        "paid_head": "This invoice is paid",
        "paid_note": "Nothing more to do here.",
        "underpaid_head": "Too little came in",
        "underpaid_note": "The shop decides what happens to it.",
        "expired_head": "This invoice has ended",
        "expired_note": "Go back to the shop to start again, and send nothing to this address.",
        "refunded_head": "This invoice was refunded",
        "refunded_note": "The shop gave the money back.",
        "unknown_head": "There is no such invoice",
        "unknown_note": "The link may be incomplete, or the sandbox was reset.",
    },
    "zh": {
        "title": "沙盒加密货币收银台",
        "test_note": "这里的一切都是模拟：不会打开钱包，也不会转出任何币。",
        "send": "转账付款",
        "coin": "{network} 上的 {coin}",
        "wallet": "测试钱包",
        "pay": "支付 {amount}",
        "paying": "转出但不确认",
        "paying_note": "链上能看到转账，商店会收到通知，但尚未确认。",
        "underpay": "只转一半",
        "underpay_note": "到账金额不足。商店收不到通知，只能自己查询。",
        "overpay": "多转一成",
        "overpay_note": "账单已付清，多出的部分留在商店。",
        "lose_note": "立即付清，但商店收不到通知，只能自己查询。",
        "expire": "让账单过期",
        "expire_note": "账单立即结束，没有付款。商店不会收到通知。",
        "close": "取消",
        "close_note": "返回商店；账单在到期前仍然有效。",
        "close_tab": "直接关闭此标签页即可；账单在到期前仍然有效。",
        "continue": "继续前往商店",
        "paying_head": "转账正在进行",
        "paying_ended_note": "链上已经看到，正在等待确认。",
        "confirm": "确认到账",
        "paid_head": "账单已付清",
        "paid_note": "这里没有其他操作了。",
        "underpaid_head": "到账金额不足",
        "underpaid_note": "由商店决定如何处理。",
        "expired_head": "账单已结束",
        "expired_note": "请返回商店重新下单，不要再向此地址转账。",
        "refunded_head": "账单已退款",
        "refunded_note": "商店已退回款项。",
        "unknown_head": "没有这个账单",
        "unknown_note": "链接可能不完整，或者沙盒已被重置。",
    },
}


def words(lang: str) -> dict[str, Any]:
    """The page's texts and its formatter of minor units."""
    shared = {name: texts.TEXTS[lang][name] for name in SHARED}
    return {
        "t": {**shared, **TEXTS[lang]},
        "money": lambda units, currency: texts.money(units, currency.lower(), lang),
    }
