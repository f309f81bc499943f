"""The wallet's words, English and Chinese."""

from typing import Any

from localcloud.sandbox.stripe import texts

SHARED = ("lang", "skip", "test_mode", "try", "overview")

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Sandbox wallet",
        "test_note": "Nothing here is real: no coin moves on any chain.",
        "head": "Send USDT over {network}",
        "note": "Copy address and amount from the shop's page, to the last digit.",
        "address": "To this address",
        "amount": "Amount in USDT",
        "send": "Send",
        "less": "Send half of it",
        "less_note": "Too little comes in, confirmed at once.",
        "more": "Send a tenth more",
        "more_note": "Too much comes in, confirmed at once.",
        "other-token": "Send another token",
        "other-token_note": "It calls itself USDT, and is not.",
        "other-wallet": "Send elsewhere",
        "other-wallet_note": "The same amount, to somebody else's wallet.",
        "fail": "Let it fail",
        "fail_note": "The transaction is in a block and moved nothing.",
        "confirm": "Confirm all that was sent",
        "confirm_note": "Mines as many blocks as make it final. By itself that takes some minutes.",
        "sent": "Sent. The transaction's hash:",
        "confirmed": "Confirmed.",
        "wrong": "Address or amount is not right.",
        "transfers": "What was sent",
        "hash": "Hash",
        "status": "Status",
        "confirmations": "Confirmations",
        "none": "Nothing yet.",
    },
    "zh": {
        "title": "沙盒钱包",
        "test_note": "这里的一切都是模拟：任何链上都不会转出币。",
        "head": "通过 {network} 转出 USDT",
        "note": "请从商店页面复制地址和金额，一位数字也不要差。",
        "address": "收款地址",
        "amount": "USDT 金额",
        "send": "转出",
        "less": "只转一半",
        "less_note": "到账金额不足，立即确认。",
        "more": "多转一成",
        "more_note": "到账金额过多，立即确认。",
        "other-token": "转出其他代币",
        "other-token_note": "它自称 USDT，其实不是。",
        "other-wallet": "转到别处",
        "other-wallet_note": "同样的金额，转到别人的钱包。",
        "fail": "让交易失败",
        "fail_note": "交易进入区块，但没有转出任何币。",
        "confirm": "确认所有转账",
        "confirm_note": "一次产生足够的区块。自然等待需要几分钟。",
        "sent": "已转出。交易哈希：",
        "confirmed": "已确认。",
        "wrong": "地址或金额不正确。",
        "transfers": "已转出的交易",
        "hash": "哈希",
        "status": "状态",
        "confirmations": "确认数",
        "none": "还没有。",
    },
}


def words(lang: str) -> dict[str, Any]:
    """The page's texts."""
    shared = {name: texts.TEXTS[lang][name] for name in SHARED}
    return {"t": {**shared, **TEXTS[lang]}}
