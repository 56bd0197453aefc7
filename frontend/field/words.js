// The phone's words in both languages, here and not in the server's catalogue, because they must be there without a network.
const WORDS = {
  zh: {
    app: "上门服务", today: "今天", tomorrow: "明天", later: "以后", earlier: "未完成", home: "工单", back: "返回", 
    empty: "今天没有上门工单。网点派给您的工单会出现在这里。", loading: "正在读取今天的工单…", noDay: "手机上还没有今天的工单。请连上网络打开一次，之后没有信号也能用。",
    updatedAt: "{at} 更新", refresh: "刷新", window: "{from}–{to}", promised: "承诺 {at} 前到达", left: "还有 {time}", over: "已超 {time}",
    minutes: "{n} 分", hours: "{h} 小时 {m} 分", days: "{n} 天",
    call: "打电话", map: "地图", need: "客户需求", customer: "客户", device: "设备", service: "服务类型", history: "服务历史", set: "成套服务", setHint: "一次上门，每台设备各一张工单；共同的步骤只做一次，鉴别、诊断、收费和结果逐台填写。", noHistory: "这台设备没有服务记录。",
    serial: "机号", warranty: "保修至 {on}", outOfWarranty: "已出保", inWarranty: "保修内", warrantyUnknown: "保修待确认", notGenuine: "非正品",
    phoneHidden: "号码已隐藏",
    state_offered: "待接单", state_planned: "已排定", state_accepted: "已接单", state_on_the_way: "路上", state_arrived: "服务中", state_unfinished: "未修好", state_done: "已完工", state_cancelled: "已取消", state_gone: "已不在您的清单",
    accept: "接单", refuse: "拒单", answerBy: "请在 {at} 前答复", refuseWhy: "为什么不能接？", reason: "原因", note: "备注", noteOptional: "备注（可不填）",
    refuse_no_skill: "没有这类产品的上岗证", refuse_no_time: "时间排不开", refuse_too_far: "太远", refuse_no_part: "没有需要的备件", refuse_other: "其他（请写明）",
    acceptedWaits: "接单已记下，上传成功后就可以开始服务。", consent: "客户同意等备件到货",
    type_design: "售前设计", type_guidance: "导购", type_installation: "安装", type_repair: "维修", type_maintenance: "保养", type_check: "检测",
    next: "下一步", stepsN: "服务步骤", stepOf: "第 {n} / {all} 步", done: "已完成", skipped: "已跳过", waiting: "待上传", refused: "被退回", conflict: "有冲突",
    stepDone: "完成这一步", stepAgain: "改记录", skip: "跳过这一步", skipWhy: "为什么跳过？", dos: "要", donts: "不准", phaseDone: "{n} / {all}",
    photo: "拍照", photoMore: "再拍一张", photosNeeded: "至少 {n} 张", photoOf: "照片 {n}", working: "正在处理照片…", photoBad: "这个文件不是能用的照片。请用手机相机拍摄（JPEG），不要选 HEIC 或 PDF。", photoBig: "照片超过 60 MB，请降低相机分辨率再拍。",
    removePhoto: "删除这张照片", scan: "扫码", scanHint: "把条码或二维码放进框里", scanTyped: "或者手工输入", scanTake: "使用", scanNoCamera: "打不开相机：{why}。请手工输入号码。", scanNoLibrary: "扫码程序没有载入，请手工输入。", torch: "手电", useNow: "现在",
    contact: "联系客户", arrive: "到达", finish: "完工", outcome: "服务结果", diagnosis: "故障诊断", safety: "安全测电", parts: "备件", charge: "收费", signature: "客户签名", information: "信息增值", notes: "备注",
    contactText: "和客户说定的内容", setOutNow: "现在出发", arriveNow: "我到了", place: "附上我的位置", placeFound: "位置已记下", placeFailed: "没有得到位置，可以不附",
    faultWhere: "选择故障", faultChosen: "已选 {name}", faultBack: "上一级", 
    voltage: "电压", voltageRange: "电压（{low}–{high} V）", earth: "接地", socket: "插座", earthOk: "接地良好", earthBad: "接地不良", socketOk: "插座合格", socketBad: "插座不合格", ohm: "接地电阻（可代替上一项）", safetyPass: "测电合格，可以作业", safetyRefuse: "测电不合格：{why}。不得通电作业，请告知客户并请客户签名确认风险。",
    voltageLow: "电压低于 {n} V", voltageHigh: "电压高于 {n} V", earthWhy: "接地不良", socketWhy: "插座不合格", riskSign: "客户已了解风险并签名", safetyHow: "安装前、维修后都要测。填仪表上的数值。",
    partChoose: "选择备件", partSearch: "名称或编码", onVan: "车上 {n}", notOnVan: "车上没有", newSerial: "新件条码", oldSerial: "旧件条码", partUse: "换上这个备件", partUsed: "已用备件", partReturn: "旧件要返还", partMissing: "申请备件", quantity: "数量", partOrder: "提交备件申请", partNone: "没有适合这个型号的备件", sameSerial: "新件和旧件的条码不能一样", forModel: "适合 {model}",
    chargeFree: "保修内服务不收费。", chargeUnknown: "保修情况还不清楚，请先核对购机凭证。", chargeShow: "请先给客户看价目表，再收费。", chargeTotal: "合计", chargeTake: "确认收费", paidBy: "付款方式", paid_cash: "现金", paid_wechat: "微信", paid_alipay: "支付宝", paid_card: "银行卡", paid_other: "其他", chargeNone: "请至少选一项",
    signHere: "请客户在框里签名", signClear: "重签", signName: "签名人姓名", signSave: "保存签名", signEmpty: "还没有签名。请客户用手指在框里签名。", 
    result_fixed: "已修好", result_not_fixed: "没有修好", result_remote: "远程解决", result_no_fault: "没有发现故障", whyNot: "没有修好的原因", why_part: "缺备件", why_skill: "技术不够", why_access: "进不了门", why_customer: "客户原因", why_second_visit: "需要二次上门", nextAt: "下次上门时间", nextFree: "下次上门的空闲时段", nextOwn: "另定时间", nextAtNeeded: "没有修好时，请和客户说定下次上门时间。", outcomeSave: "记下结果",
    finishReady: "都齐了，可以完工。", finishMissing: "还缺 {n} 项，补齐后才能完工：", finishNow: "完工", finished: "已完工", missingStep: "{name}：还没有记录", missingPhoto: "{name}：还要 {n} 张照片", missingScan: "{name}：还没有扫码", missingField: "{name}：请填“{field}”", missingOutcome: "服务结果还没有记", missingArrive: "还没有记到达", missingSafety: "安全测电还没有做", refusedHere: "{n} 条记录被退回，请先看一看",
    info_product_fault: "产品缺陷", info_product_idea: "产品建议", info_sales_lead: "销售线索", info_competitor: "竞品信息", info_latent_need: "潜在需求", infoKind: "哪一类", infoText: "说说您看到的", infoSend: "反馈信息", infoThanks: "采纳后计入您的成绩。",
    noteText: "写给后台和下一位同事", noteSave: "保存备注",
    save: "保存", cancel: "取消", yes: "是", no: "否", requiredFields: "还有没填的：{names}", number: "请填数字", saved: "已保存在手机上", tools: "更多", photos: "照片",
    sync_ok: "已全部上传", sync_waiting: "{n} 项待上传", sync_sending: "正在上传，还有 {n} 项", sync_offline: "没有网络 · {n} 项待上传", sync_offline0: "没有网络，可以照常工作", sync_signedOut: "登录已过期 · {n} 项待上传", sync_signedOut0: "未登录", sync_server: "服务器暂时没有应答 · {n} 项待上传", sync_bad: "{n} 条被退回", sync_update: "需要更新版本 · {n} 项待上传",
    queue: "上传情况", queueWords: "所有记录先存在这部手机上，有网络时按顺序上传，每条只算一次。", tryNow: "现在上传", nextTry: "{time} 后再试", signIn: "登录", signInAgain: "重新登录", signedOutFirst: "请先登录。登录后，今天和明天的上门工单会存到这部手机上，没有信号也能用。", signedOutWords: "登录已过期。记录都在这部手机上，登录后接着上传，不会丢。", othersItems: "{name} 还有 {n} 项没有上传，等他登录后再传。",
    full: "手机存储空间已满，这一条还没有保存。已保存的记录都在。请先上传或清理手机空间，再点一次保存。", storeBroken: "手机没有保存成功：{why}。请再点一次保存。", storeAsk: "存储", storeUsed: "已用 {used} / {all} MB", fullSoon: "手机给本应用的空间快满了，请尽快连网上传。",
    update: "新版本", updateReady: "新版本已下载好。", updateNow: "现在更新", updateWaits: "新版本已下载好，等 {n} 项上传完再更新，记录不会丢。", updateMust: "服务器要求更新版本。记录都在手机上，更新后接着上传。", version: "版本",
    problems: "被退回的记录", problemsWords: "这些记录服务器没有采用，原文都留着，后台也能看到。", understood: "知道了", problemAt: "{at} 记录", timeFlag: "手机时间和服务器相差 {time}，会按服务器时间更正。", me: "我的", language: "English", theme: "深色", dark: "深色", light: "浅色", auto: "跟随手机", engineer: "工程师", install: "把本页添加到主屏幕，打开更快。", notEngineer: "您没有服务工程师的权限，这一页是给上门工程师用的。", desk: "回到工作台", failed: "没有成功，请再试一次。", 
    kind_offer_accept: "接单", kind_offer_refuse: "拒单", kind_contact: "联系客户", kind_set_out: "出发", kind_arrive: "到达", kind_step: "步骤", kind_skip: "跳过", kind_safety: "安全测电", kind_diagnosis: "故障诊断", kind_part_used: "用备件", kind_part_missing: "缺件申请", kind_charge: "收费", kind_signature: "签名", kind_outcome: "服务结果", kind_finish: "完工", kind_information: "信息增值", kind_note: "备注", kind_photo: "照片",
    readOnlyDone: "本单已完工。", notHere: "这张工单不在今明两天的清单里：排在以后的会在前一天出现，改派或取消的不再出现。", gone: "这张工单已经改派或取消。您在手机上的记录会照常上传，由后台处理。", order: "工单", open: "展开", dashed: "–",
  },
  en: {
    app: "Field service", today: "Today", tomorrow: "Tomorrow", later: "Later", earlier: "Unfinished", home: "Orders", back: "Back", 
    empty: "No work orders today. Orders offered to you by the outlet appear here.", loading: "Reading today's orders…", noDay: "Today's orders are not on this phone yet. Open this page once with a connection; afterwards it works without signal.",
    updatedAt: "updated {at}", refresh: "Refresh", window: "{from}–{to}", promised: "promised to arrive by {at}", left: "{time} left", over: "{time} over",
    minutes: "{n} min", hours: "{h} h {m} min", days: "{n} days",
    call: "Call", map: "Map", need: "What the customer needs", customer: "Customer", device: "Device", service: "Service", history: "History", set: "Set", setHint: "One visit with a work order for each device. Common steps are done once; genuine, fault, charge and outcome for each.", noHistory: "This device has no service history.",
    serial: "Serial", warranty: "warranty until {on}", outOfWarranty: "out of warranty", inWarranty: "in warranty", warrantyUnknown: "warranty to be checked", notGenuine: "Not genuine",
    phoneHidden: "number hidden",
    state_offered: "to answer", state_planned: "planned", state_accepted: "accepted", state_on_the_way: "on the way", state_arrived: "at work", state_unfinished: "not fixed", state_done: "finished", state_cancelled: "called off", state_gone: "no longer yours",
    accept: "Accept", refuse: "Refuse", answerBy: "please answer by {at}", refuseWhy: "Why can you not take it?", reason: "Reason", note: "Note", noteOptional: "Note (optional)",
    refuse_no_skill: "No licence for this product", refuse_no_time: "No time", refuse_too_far: "Too far", refuse_no_part: "Part not at hand", refuse_other: "Other (please write)",
    acceptedWaits: "Your answer is noted. You can begin once it is uploaded.", consent: "The customer agrees to wait for the part",
    type_design: "Design advice", type_guidance: "Guidance", type_installation: "Installation", type_repair: "Repair", type_maintenance: "Maintenance", type_check: "Check-up",
    next: "Next", stepsN: "Steps", stepOf: "Step {n} of {all}", done: "done", skipped: "skipped", waiting: "to upload", refused: "refused", conflict: "conflict",
    stepDone: "Step done", stepAgain: "Change the record", skip: "Skip this step", skipWhy: "Why is it skipped?", dos: "Do", donts: "Don't", phaseDone: "{n} / {all}",
    photo: "Take a photo", photoMore: "One more photo", photosNeeded: "at least {n}", photoOf: "Photo {n}", working: "Preparing the photo…", photoBad: "This file is not a usable photo. Take it with the phone's camera (JPEG), not HEIC or PDF.", photoBig: "The photo is larger than 60 MB. Lower the camera's resolution and take it again.",
    removePhoto: "Remove this photo", scan: "Scan", scanHint: "Hold the barcode or QR code inside the frame", scanTyped: "or type it", scanTake: "Use it", scanNoCamera: "The camera does not open: {why}. Please type the number.", scanNoLibrary: "The scanner is not there. Please type the number.", torch: "Torch", useNow: "Now",
    contact: "Contact the customer", arrive: "Arrive", finish: "Finish", outcome: "Outcome", diagnosis: "Diagnosis", safety: "Electrical safety test", parts: "Spare parts", charge: "Charge", signature: "Customer's signature", information: "Information returned", notes: "Note",
    contactText: "What was agreed with the customer", setOutNow: "Set out now", arriveNow: "I have arrived", place: "Add my place", placeFound: "Place noted", placeFailed: "No place found; it may be left out",
    faultWhere: "Choose the fault", faultChosen: "Chosen: {name}", faultBack: "One level up", 
    voltage: "Voltage", voltageRange: "Voltage ({low}–{high} V)", earth: "Earth", socket: "Socket", earthOk: "Earth good", earthBad: "Earth bad", socketOk: "Socket good", socketBad: "Socket bad", ohm: "Earth resistance (or this instead)", safetyPass: "Test passed, work may go on", safetyRefuse: "Test not passed: {why}. Do not work with power on; tell the customer and have the risk signed.",
    voltageLow: "voltage below {n} V", voltageHigh: "voltage above {n} V", earthWhy: "bad earth", socketWhy: "bad socket", riskSign: "The customer knows the risk and signs", safetyHow: "Measure before installing and after repairing. Write what the meter shows.",
    partChoose: "Choose the part", partSearch: "Name or code", onVan: "{n} on the van", notOnVan: "not on the van", newSerial: "Code of the new part", oldSerial: "Code of the old part", partUse: "Part changed", partUsed: "Parts used", partReturn: "old part must come back", partMissing: "Order a part", quantity: "Quantity", partOrder: "Order the part", partNone: "No part fits this model", sameSerial: "New and old part cannot have the same code", forModel: "for {model}",
    chargeFree: "Service in warranty is free.", chargeUnknown: "The warranty is not clear yet. Check the receipt first.", chargeShow: "Show the price list to the customer before you charge.", chargeTotal: "Total", chargeTake: "Confirm the charge", paidBy: "Paid by", paid_cash: "Cash", paid_wechat: "WeChat", paid_alipay: "Alipay", paid_card: "Card", paid_other: "Other", chargeNone: "Choose at least one item",
    signHere: "The customer signs in the frame", signClear: "Sign again", signName: "Name of who signs", signSave: "Keep the signature", signEmpty: "There is no signature yet. The customer signs with a finger in the frame.", 
    result_fixed: "Fixed", result_not_fixed: "Not fixed", result_remote: "Solved remotely", result_no_fault: "No fault found", whyNot: "Why it is not fixed", why_part: "Part missing", why_skill: "Skill missing", why_access: "No access", why_customer: "Customer's reasons", why_second_visit: "Needs a second visit", nextAt: "Next visit", nextFree: "Free times for the next visit", nextOwn: "another time", nextAtNeeded: "When it is not fixed, agree the next visit with the customer.", outcomeSave: "Keep the outcome",
    finishReady: "Everything is there. You can finish.", finishMissing: "{n} missing; the visit can be finished when they are there:", finishNow: "Finish", finished: "Finished", missingStep: "{name}: not recorded yet", missingPhoto: "{name}: {n} more photos", missingScan: "{name}: not scanned yet", missingField: "{name}: please fill in “{field}”", missingOutcome: "The outcome is not recorded", missingArrive: "The arrival is not recorded", missingSafety: "The electrical safety test is missing", refusedHere: "{n} records were refused; please look first",
    info_product_fault: "Product fault", info_product_idea: "Product idea", info_sales_lead: "Sales lead", info_competitor: "Competitor", info_latent_need: "Latent need", infoKind: "Kind", infoText: "What did you see?", infoSend: "Return information", infoThanks: "Counts for you once it is accepted.",
    noteText: "For the desk and the next colleague", noteSave: "Keep the note",
    save: "Save", cancel: "Cancel", yes: "Yes", no: "No", requiredFields: "Still empty: {names}", number: "Please enter a number", saved: "Kept on this phone", tools: "More", photos: "Photos",
    sync_ok: "Everything is uploaded", sync_waiting: "{n} to upload", sync_sending: "Uploading, {n} to go", sync_offline: "No connection · {n} to upload", sync_offline0: "No connection, go on working", sync_signedOut: "Signed out · {n} to upload", sync_signedOut0: "Not signed in", sync_server: "The server does not answer · {n} to upload", sync_bad: "{n} refused", sync_update: "Update needed · {n} to upload",
    queue: "Uploads", queueWords: "Everything is kept on this phone first and uploaded in order when there is a connection. Each record counts once.", tryNow: "Upload now", nextTry: "next try in {time}", signIn: "Sign in", signInAgain: "Sign in again", signedOutFirst: "Please sign in. Your orders of today and tomorrow are then kept on this phone and work without a signal.", signedOutWords: "You are signed out. Your records are on this phone; sign in and they are uploaded. Nothing is lost.", othersItems: "{n} records of {name} wait until they sign in.",
    full: "The phone's storage is full; this record is not kept yet. Everything kept before is there. Upload or free some space, then save again.", storeBroken: "The phone could not keep it: {why}. Please save again.", storeAsk: "Storage", storeUsed: "{used} of {all} MB used", fullSoon: "This app's space on the phone is nearly full. Please get a connection and upload.",
    update: "New version", updateReady: "A new version is ready.", updateNow: "Update now", updateWaits: "A new version is ready; it waits until {n} records are uploaded. Nothing is lost.", updateMust: "The server asks for an update. Your records are on the phone and go on after it.", version: "Version",
    problems: "Refused records", problemsWords: "The server did not take these. They are kept word for word; the desk sees them, too.", understood: "Understood", problemAt: "recorded {at}", timeFlag: "The phone's clock differs from the server's by {time}; times are corrected by the server's.", me: "Me", language: "中文", theme: "Dark", dark: "Dark", light: "Light", auto: "As the phone", engineer: "Engineer", install: "Add this page to the home screen; it opens faster.", notEngineer: "You are not an engineer; this page is for engineers on visits.", desk: "Back to the desk", failed: "That did not work. Please try again.", 
    kind_offer_accept: "Accept", kind_offer_refuse: "Refuse", kind_contact: "Contact", kind_set_out: "Set out", kind_arrive: "Arrive", kind_step: "Step", kind_skip: "Skip", kind_safety: "Safety test", kind_diagnosis: "Diagnosis", kind_part_used: "Part used", kind_part_missing: "Part ordered", kind_charge: "Charge", kind_signature: "Signature", kind_outcome: "Outcome", kind_finish: "Finish", kind_information: "Information", kind_note: "Note", kind_photo: "Photo",
    readOnlyDone: "This order is finished.", notHere: "This work order is not on the list of today and tomorrow: one for a later day appears the day before, one that went to somebody else does not.", gone: "This order was given to somebody else or called off. What you recorded is uploaded all the same; the desk looks at it.", order: "Work order", open: "Open", dashed: "–",
  },
};

const page = document.documentElement;
const KEY = "field-language";

function remembered() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

let language = remembered() ?? (page.lang.startsWith("en") ? "en" : "zh");
page.lang = language === "en" ? "en" : "zh-CN";

export const languageNow = () => language;

/** Choose the language here and, by its cookie, for the server's own words. */
export function speak(code) {
  language = code === "en" ? "en" : "zh";
  page.lang = language === "en" ? "en" : "zh-CN";
  try { localStorage.setItem(KEY, language); } catch { /* private window: the cookie is enough */ }
  document.cookie = `language=${language === "en" ? "en" : "zh-hans"}; path=/; max-age=31536000; samesite=lax`;
}

/** Say a sentence in the language now; {names} are filled in; an unknown key is shown as it is, so that tests see it. */
export function t(key, values = {}) {
  const text = WORDS[language][key] ?? WORDS.zh[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in WORDS.zh;

/** Pick the language of a text of a policy: {zh, en}, or a plain string. */
export function words(text) {
  if (text == null) return "";
  if (typeof text !== "object") return String(text);
  return text[language] ?? text.zh ?? text.en ?? "";
}
