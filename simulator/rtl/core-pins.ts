/** The ports of `systole_core` by what they mean to its driver. */

import { portReader, portWriter, type RtlPins } from './pins.js';

export type Writer = ReturnType<typeof portWriter>;
export type Reader = ReturnType<typeof portReader>;

export function inputsOf(pins: RtlPins) {
  const port = (name: string) => portWriter(pins, name);
  return {
    reset: port('rst_i'),
    writeAddress: port('s_axil_awaddr_i'),
    writeAddressValid: port('s_axil_awvalid_i'),
    writeData: port('s_axil_wdata_i'),
    writeStrobe: port('s_axil_wstrb_i'),
    writeDataValid: port('s_axil_wvalid_i'),
    writeResponseReady: port('s_axil_bready_i'),
    readAddress: port('s_axil_araddr_i'),
    readAddressValid: port('s_axil_arvalid_i'),
    readDataReady: port('s_axil_rready_i'),
    loadAddressReady: port('m_axi_arready_i'),
    loadData: port('m_axi_rdata_i'),
    loadResponse: port('m_axi_rresp_i'),
    loadLast: port('m_axi_rlast_i'),
    loadValid: port('m_axi_rvalid_i'),
    storeAddressReady: port('m_axi_awready_i'),
    storeDataReady: port('m_axi_wready_i'),
    storeResponse: port('m_axi_bresp_i'),
    storeResponseValid: port('m_axi_bvalid_i'),
    fetchAddressReady: port('m_axi_i_arready_i'),
    fetchData: port('m_axi_i_rdata_i'),
    fetchResponse: port('m_axi_i_rresp_i'),
    fetchLast: port('m_axi_i_rlast_i'),
    fetchValid: port('m_axi_i_rvalid_i'),
  };
}

export function outputsOf(pins: RtlPins) {
  const port = (name: string) => portReader(pins, name);
  return {
    irq: port('irq_o'),
    start: port('event_start_o'),
    done: port('event_done_o'),
    dispatch: port('event_dispatch_o'),
    accept: port('event_accept_o'),
    end: port('event_end_o'),
    writeAddressReady: port('s_axil_awready_o'),
    writeDataReady: port('s_axil_wready_o'),
    writeResponseValid: port('s_axil_bvalid_o'),
    readAddressReady: port('s_axil_arready_o'),
    readData: port('s_axil_rdata_o'),
    readDataValid: port('s_axil_rvalid_o'),
    loadAddress: port('m_axi_araddr_o'),
    loadLength: port('m_axi_arlen_o'),
    loadAddressValid: port('m_axi_arvalid_o'),
    loadReady: port('m_axi_rready_o'),
    storeAddress: port('m_axi_awaddr_o'),
    storeLength: port('m_axi_awlen_o'),
    storeAddressValid: port('m_axi_awvalid_o'),
    storeData: port('m_axi_wdata_o'),
    storeStrobe: port('m_axi_wstrb_o'),
    storeDataValid: port('m_axi_wvalid_o'),
    storeResponseReady: port('m_axi_bready_o'),
    fetchAddress: port('m_axi_i_araddr_o'),
    fetchLength: port('m_axi_i_arlen_o'),
    fetchAddressValid: port('m_axi_i_arvalid_o'),
    fetchReady: port('m_axi_i_rready_o'),
  };
}
